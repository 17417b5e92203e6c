// Asio's own code, compiled once. Otherwise every file with a socket would compile it again.
#include <boost/asio/impl/src.hpp>
