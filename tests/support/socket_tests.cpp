// Here only so that the headers of Catch2 and of Asio are precompiled together
// (tests/CMakeLists.txt).
