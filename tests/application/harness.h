// SPDX-License-Identifier: MIT
// What the tests of programs share: arguments completed from a program's parameter table, a log of
// what processes did, and two hosts to run them on.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "stack/application/program.h"
#include "tests/support/two_hosts.h"

namespace strata::application {

// The fallbacks of the parameter tables, read by rules of their own: "64 B", "1 MB", "50 ms".
inline ArgumentValue fallback_value(const Parameter& parameter) {
  static const std::map<std::string, std::int64_t> kUnits{{"", 1},
                                                          {"B", 1},
                                                          {"kB", 1'000},
                                                          {"MB", 1'000'000},
                                                          {"ms", 1'000'000},
                                                          {"us", 1'000},
                                                          {"s", 1'000'000'000},
                                                          {"min", 60'000'000'000},
                                                          {"Mbit/s", 1'000'000}};
  const std::string text{parameter.fallback};
  switch (parameter.kind) {
    case ParameterKind::text:
    case ParameterKind::endpoint:
    case ParameterKind::endpoints:
    case ParameterKind::host:
    case ParameterKind::url:
      return text;
    case ParameterKind::boolean:
      return text == "true";
    case ParameterKind::port:
    case ParameterKind::bytes:
    case ParameterKind::duration:
    case ParameterKind::rate:
    case ParameterKind::count:
      break;
  }
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  EXPECT_EQ(error, std::errc{}) << text;
  std::string unit(stop, text.data() + text.size());
  while (unit.starts_with(' ')) unit.erase(0, 1);
  EXPECT_TRUE(kUnits.contains(unit)) << text;
  const std::int64_t value = number * kUnits.at(unit);
  if (parameter.kind == ParameterKind::duration) return Duration(value);
  return value;
}

using Given = std::initializer_list<std::pair<const char*, ArgumentValue>>;

// The arguments a scenario would hand over: those given, and the fallbacks of the others.
inline Arguments complete(const Program& program, Given given) {
  Arguments arguments;
  for (const Parameter& parameter : program.parameters) {
    if (!parameter.fallback.empty()) {
      arguments.set(std::string{parameter.name}, fallback_value(parameter));
    }
  }
  for (const auto& [name, value] : given) arguments.set(name, value);
  for (const Parameter& parameter : program.parameters) {
    EXPECT_TRUE(!parameter.required || arguments.has(std::string{parameter.name}))
        << program.name << " needs " << parameter.name;
  }
  return arguments;
}

// Copies of what processes did.
class ProcessLog final : public Observer {
 public:
  static constexpr EventMask kWanted =
      event_mask<SocketCalled, ProcessStarted, ProcessEnded, ProcessOutput>();
  struct Called {
    std::string process;
    std::string call;
    std::string result;
    std::string data;
  };

  void on_event(const Event& event) override {
    if (const auto* call = std::get_if<SocketCalled>(&event.body)) {
      calls.push_back(
          {std::string(call->process), call->call, call->result, std::string(as_text(call->data))});
    }
    if (const auto* started = std::get_if<ProcessStarted>(&event.body)) {
      started_at[std::string(started->process)] = event.time;
    }
    if (const auto* ended = std::get_if<ProcessEnded>(&event.body)) {
      errors[std::string(ended->process)] = ended->error;
    }
    if (const auto* output = std::get_if<ProcessOutput>(&event.body)) {
      lines.push_back(std::string(output->line));
    }
  }
  // "send(5, 7 bytes) -> 7" for each call of a process.
  std::vector<std::string> calls_of(const std::string& process) const {
    std::vector<std::string> texts;
    for (const Called& called : calls) {
      if (called.process == process) texts.push_back(called.call + " -> " + called.result);
    }
    return texts;
  }

  std::vector<Called> calls;
  std::map<std::string, Instant> started_at;
  std::map<std::string, std::string> errors;  // of ended processes
  std::vector<std::string> lines;
};

// A client and a server host on one cable, 1 ms apart, and what their processes do.
class ProgramTest : public testing::Test {
 protected:
  explicit ProgramTest(const test::TwoHosts::Options& options = {}) : hosts(options) {
    hosts.observe(log, ProcessLog::kWanted);
  }

  static const Program& program(const char* name) {
    const Program* found = find_program(name);
    EXPECT_NE(found, nullptr) << name;
    return *found;
  }
  // Processes are called as their programs.
  void on_client(const char* name, Given given, Instant at = kStart) {
    hosts.client.spawn(name, program(name), complete(program(name), given), at);
  }
  void on_server(const char* name, Given given, Instant at = kStart) {
    hosts.server.spawn(name, program(name), complete(program(name), given), at);
  }
  // A test's own coroutine as a process.
  static void run(host::Host& host, const char* name, Task<void> (*body)(Process, Arguments),
                  Instant at = kStart) {
    Program own;
    own.name = name;
    own.start = body;
    host.spawn(name, own, {}, at);
  }
  // A figure of a process; -1 when it was never counted.
  std::int64_t client(const std::string& figure) const { return figure_of(hosts.client, figure); }
  std::int64_t server(const std::string& figure) const { return figure_of(hosts.server, figure); }

  ProcessLog log;
  test::TwoHosts hosts;

 private:
  static std::int64_t figure_of(const host::Host& host, const std::string& figure) {
    const auto found = host.figures().find(figure);
    return found == host.figures().end() ? -1 : found->second;
  }
};

}  // namespace strata::application
