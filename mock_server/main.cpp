// weir-mock-server: see arguments.cpp for its help text.
#include <csignal>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "arguments.h"
#include "mock_server.h"

namespace {

int run(const weir::mock::Options& options, const sigset_t& end_signals) {
  std::string problem;
  const auto server = weir::mock::MockServer::start(options, &problem);
  if (!server) {
    std::cerr << "weir-mock-server: " << problem << '\n';
    return 3;
  }
  std::cout << "listening on " << server->url() << std::endl;
  int signal = 0;
  sigwait(&end_signals, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = weir::mock::parse_arguments(std::vector<std::string>(argv + 1, argv + argc));
  if (const auto* problem = std::get_if<weir::mock::ArgumentProblem>(&parsed)) {
    (problem->exit_code == 0 ? std::cout : std::cerr) << problem->message << '\n';
    return problem->exit_code;
  }
  // Blocked before any thread starts, so that only the wait below gets them. A broken pipe is a
  // client's affair.
  sigset_t end_signals;
  sigemptyset(&end_signals);
  sigaddset(&end_signals, SIGINT);
  sigaddset(&end_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end_signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return run(std::get<weir::mock::Options>(parsed), end_signals);
}
