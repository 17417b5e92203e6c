#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace vibes {

/// An operating error is a value: a number in a category. Its text is for people, never for
/// decisions.
using error_code = boost::system::error_code;

template <class T>
using result = boost::system::result<T>;

}  // namespace vibes
