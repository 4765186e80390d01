// SPDX-License-Identifier: MIT
// The programs a scenario can run on a host, each with a table of its parameters. The scenario
// parser, its JSON Schema, the help texts and the documentation read these tables: adding a program
// is one file and one registry line.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stack/application/process.h"
#include "stack/application/task.h"
#include "stack/base/address.h"
#include "stack/base/random.h"
#include "stack/base/time.h"

namespace strata::application {

enum class ParameterKind : std::uint8_t {
  text,       // std::string
  port,       // std::int64_t, 1..65535
  endpoint,   // std::string "server:5000" (name or address, and port)
  endpoints,  // std::string "bob:5000, carol:5000": a list of them
  host,       // std::string, node name or address
  url,        // std::string "http://server:80/path"
  bytes,      // std::int64_t, from "64 kB"
  duration,   // Duration, from "5 ms"
  rate,       // std::int64_t bits per second, from "10 Mbit/s"
  count,      // std::int64_t, 0 or more
  boolean,    // bool
};

struct Parameter {
  std::string_view name;  // kebab-case, as in the scenario
  ParameterKind kind{};
  bool required = false;
  std::string_view fallback;  // textual default as a scenario would write it; empty: none
  std::string_view help;      // one sentence
  std::string_view choices;   // of a text: the words it may be, separated by blanks; empty: any
  std::int64_t low = 0;       // of a number; of a duration in nanoseconds
  std::int64_t high = INT64_MAX;
  bool (*accepts)(std::string_view) = nullptr;  // of a text that has a form of its own

  // The same parameter with one trait more; for the tables.
  constexpr Parameter one_of(std::string_view words) const {
    Parameter parameter = *this;
    parameter.choices = words;
    return parameter;
  }
  constexpr Parameter range(std::int64_t least, std::int64_t most) const {
    Parameter parameter = *this;
    parameter.low = least;
    parameter.high = most;
    return parameter;
  }
  constexpr Parameter accepted_by(bool (*form)(std::string_view)) const {
    Parameter parameter = *this;
    parameter.accepts = form;
    return parameter;
  }
};

using ArgumentValue = std::variant<std::int64_t, bool, Duration, std::string>;

// Checked arguments of one process; every parameter with a fallback is present.
class Arguments {
 public:
  void set(std::string name, ArgumentValue value) { values_[std::move(name)] = std::move(value); }
  bool has(const std::string& name) const { return values_.contains(name); }
  // The value must be present and of the kind its parameter declares.
  std::int64_t integer(const std::string& name) const {
    return std::get<std::int64_t>(values_.at(name));
  }
  bool boolean(const std::string& name) const { return std::get<bool>(values_.at(name)); }
  Duration duration(const std::string& name) const { return std::get<Duration>(values_.at(name)); }
  const std::string& text(const std::string& name) const {
    return std::get<std::string>(values_.at(name));
  }

 private:
  std::map<std::string, ArgumentValue> values_;
};

struct Program {
  std::string_view name;  // as after `run:`
  std::string_view help;
  std::span<const Parameter> parameters;
  Task<void> (*start)(Process process, Arguments arguments);
  // The figures it may count, separated by blanks; "status-*" stands for every name that begins so.
  // `errors`, which fail() counts, is every program's.
  std::string_view figures;
};

// The names in `program.figures`, and `errors`.
std::vector<std::string_view> figure_names(const Program& program);
// Does a program that declares `declared` ("sent", "status-*") count a figure called `name`?
bool is_figure(std::string_view declared, std::string_view name);

// All programs, in alphabetical order.
std::span<const Program> programs();
const Program* find_program(std::string_view name);

}  // namespace strata::application
