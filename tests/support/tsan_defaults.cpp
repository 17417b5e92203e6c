// What ThreadSanitizer is told by every program that is built with it, whoever starts it in
// whatever environment.

/// Boost.Log's shared library is not instrumented: the count of references that hands a record from
/// the loop to the log's thread is invisible to the sanitizer. The frames are the library's, not
/// ours.
extern "C" const char* __tsan_default_suppressions() {
  return "race:libboost_log.so\n";
}

/// A stop that has waited long enough leaves its threads behind on purpose; saying so would block
/// on the very pipe that it did not wait for.
extern "C" const char* __tsan_default_options() {
  return "report_thread_leaks=0";
}
