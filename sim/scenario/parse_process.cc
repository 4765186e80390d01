// SPDX-License-Identifier: MIT
// The `processes:` part of a scenario: a program with its parameters, or socket calls one by one.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/scenario/parse.h"
#include "stack/application/program_support.h"

namespace strata::scenario {
namespace {

using application::ArgumentValue;
using application::Parameter;
using application::ParameterKind;
using application::Program;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  if (value == 0 || value > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

// What is wrong with a number that its parameter does not allow.
std::optional<Mistake> out_of_range(const Parameter& parameter, std::int64_t number, Unit unit) {
  if (number < parameter.low) {
    return Mistake{fmt::format("{} is too small", to_text(Quantity{number, unit})),
                   fmt::format("write {} or more", to_text(Quantity{parameter.low, unit}))};
  }
  if (number > parameter.high) {
    return Mistake{fmt::format("{} is too large", to_text(Quantity{number, unit})),
                   fmt::format("write {} or less", to_text(Quantity{parameter.high, unit}))};
  }
  return std::nullopt;
}

Parsed<ArgumentValue> read_number(const Parameter& parameter, Parsed<std::uint64_t> number,
                                  Unit unit) {
  if (!number) return tl::unexpected(number.error());
  if (*number > static_cast<std::uint64_t>(INT64_MAX)) return mistake("the number is too large");
  const auto value = static_cast<std::int64_t>(*number);
  if (auto wrong = out_of_range(parameter, value, unit)) return tl::unexpected(std::move(*wrong));
  return ArgumentValue{value};
}

Parsed<ArgumentValue> read_port(std::string_view text) {
  if (const auto port = parse_port(text)) return ArgumentValue{std::int64_t{*port}};
  return mistake(fmt::format("{} is not a port", in_quotes(text)), "a port is 1 to 65535");
}

Parsed<ArgumentValue> read_endpoint(std::string_view text) {
  if (const auto target = split_target(text); target && target->port) {
    return ArgumentValue{std::string{text}};
  }
  if (text.find(':') == std::string_view::npos) {
    return mistake(fmt::format("{} lacks the port", in_quotes(text)),
                   fmt::format("write '{}:80' for instance", text));
  }
  return mistake(fmt::format("{} is not a name or address with a port", in_quotes(text)),
                 "write for instance 'server:80'");
}

Parsed<ArgumentValue> read_host(std::string_view text) {
  if (const auto target = split_target(text); target && !target->port) {
    return ArgumentValue{std::string{text}};
  }
  return mistake(fmt::format("{} is not a name or address", in_quotes(text)),
                 "write for instance 'server' or '10.0.2.20'");
}

// "http://server:80/path" -> "server:80"; empty when it is not such a URL.
std::string_view authority_of(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return {};
  url.remove_prefix(kScheme.size());
  return url.substr(0, url.find('/'));
}

Parsed<ArgumentValue> read_url(std::string_view text) {
  const std::string_view authority = authority_of(text);
  if (!authority.empty() && split_target(authority)) return ArgumentValue{std::string{text}};
  return mistake(fmt::format("{} is not a URL", in_quotes(text)),
                 "write for instance 'http://server:80/index.html'");
}

Parsed<ArgumentValue> read_endpoints(std::string_view text) {
  for (const std::string& endpoint : application::split_list(text)) {
    const auto value = read_endpoint(endpoint);
    if (!value) return value;
  }
  return ArgumentValue{std::string{text}};
}

Parsed<ArgumentValue> read_text(const Parameter& parameter, std::string_view text) {
  const std::vector<std::string> known = words_of(parameter.choices);
  if (!known.empty() && std::find(known.begin(), known.end(), text) == known.end()) {
    return mistake(fmt::format("{} is none of the choices", in_quotes(text)),
                   suggestion(text, known));
  }
  if (parameter.required && text.empty())
    return mistake("the text is empty", fmt::format("write one ({})", parameter.help));
  if (parameter.accepts != nullptr && !parameter.accepts(text)) {
    return mistake(fmt::format("{} is not understood", in_quotes(text)),
                   fmt::format("write for instance '{}'", parameter.fallback));
  }
  return ArgumentValue{std::string{text}};
}

Parsed<ArgumentValue> read_argument(const Parameter& parameter, std::string_view text) {
  switch (parameter.kind) {
    case ParameterKind::text:
      return read_text(parameter, text);
    case ParameterKind::port:
      return read_port(text);
    case ParameterKind::endpoint:
      return read_endpoint(text);
    case ParameterKind::endpoints:
      return read_endpoints(text);
    case ParameterKind::host:
      return read_host(text);
    case ParameterKind::url:
      return read_url(text);
    case ParameterKind::bytes:
      return read_number(parameter, parse_bytes(text), Unit::bytes);
    case ParameterKind::rate:
      return read_number(parameter, parse_rate(text), Unit::bits_per_second);
    case ParameterKind::count:
      return read_number(parameter, parse_count(text), Unit::count);
    case ParameterKind::duration: {
      const auto value = parse_duration(text);
      if (!value) return tl::unexpected(value.error());
      if (auto wrong = out_of_range(parameter, value->count(), Unit::nanoseconds)) {
        return tl::unexpected(std::move(*wrong));
      }
      return ArgumentValue{*value};
    }
    case ParameterKind::boolean: {
      const auto value = parse_boolean(text);
      if (!value) return tl::unexpected(value.error());
      return ArgumentValue{*value};
    }
  }
  return mistake("a parameter of an unknown kind");
}

// Where the process talks to, as far as the argument says: checked when all nodes are known.
void add_targets(ProcessModel& process, const Parameter& parameter, std::string_view text,
                 Position at) {
  std::vector<std::string> ends;
  if (parameter.kind == ParameterKind::url) ends.emplace_back(authority_of(text));
  if (parameter.kind == ParameterKind::endpoints) ends = application::split_list(text);
  if (parameter.kind == ParameterKind::endpoint || parameter.kind == ParameterKind::host) {
    ends.emplace_back(text);
  }
  for (const std::string& end : ends) {
    const auto target = split_target(end);
    if (!target) continue;
    process.targets.push_back({.text = std::string{text},
                               .node = target->node,
                               .is_name = !IpAddress::parse(target->node).has_value(),
                               .parameter = std::string{parameter.name},
                               .at = at});
  }
}

void parse_arguments(const MapReader& reader, ProcessModel& process, Diagnostics& diagnostics) {
  for (const Parameter& parameter : process.program->parameters) {
    const std::string name{parameter.name};
    const Entry* entry = reader.entry(name);
    if (entry == nullptr && parameter.fallback.empty()) {
      if (parameter.required) {
        diagnostics.error(
            reader.at(),
            fmt::format("program '{}' needs '{}'", process.program->name, parameter.name),
            fmt::format("add '{}: ...' ({})", parameter.name, parameter.help));
      }
      continue;
    }
    if (entry != nullptr && entry->value.kind != ValueKind::scalar) {
      diagnostics.error(entry->value.at, fmt::format("'{}' is a single value, not {}", name,
                                                     to_text(entry->value.kind)));
      continue;
    }
    const std::string_view text = entry != nullptr ? entry->value.text : parameter.fallback;
    auto value = read_argument(parameter, text);
    if (!value) {
      value.error().what = fmt::format("'{}': {}", name, value.error().what);
      diagnostics.error(entry != nullptr ? entry->value.at : reader.at(), std::move(value.error()));
      continue;
    }
    process.arguments.set(name, std::move(*value));
    if (entry != nullptr) add_targets(process, parameter, text, entry->value.at);
  }
}

std::vector<std::string> program_names() {
  std::vector<std::string> names;
  for (const Program& program : application::programs()) {
    if (program.name != "calls") names.emplace_back(program.name);  // a key of its own
  }
  return names;
}

// Keys beside `on`, `run` and so on that belong to the program.
std::vector<std::string> parameter_names(const Value& value) {
  std::vector<std::string> names;
  const Entry* run = value.kind == ValueKind::map ? value.find("run") : nullptr;
  const Program* program = run != nullptr ? application::find_program(run->value.text) : nullptr;
  if (program != nullptr) {
    for (const Parameter& parameter : program->parameters) names.emplace_back(parameter.name);
  } else if (run != nullptr) {
    // The program is the mistake: do not complain about its parameters as well.
    for (const Entry& entry : value.entries) names.push_back(entry.key);
  }
  return names;
}

}  // namespace

std::optional<TargetText> split_target(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  TargetText target{std::string{text.substr(0, colon)}, std::nullopt};
  if (colon != std::string_view::npos) {
    target.port = parse_port(text.substr(colon + 1));
    if (!target.port) return std::nullopt;
  }
  if (IpAddress::parse(target.node) || !check_name(target.node)) return target;
  return std::nullopt;
}

ProcessModel parse_process(const Value& value, Diagnostics& diagnostics) {
  ProcessModel process;
  process.at = value.at;
  MapReader reader(&value, Section::process, "a process", diagnostics, parameter_names(value));
  if (!reader.is_readable()) return process;
  reader.check_required();
  if (reader.lacks_values()) return process;
  process.node = reader.text("on").value_or("");
  process.node_at = reader.at("on");
  process.start = reader.instant("at").value_or(kStart);
  if (auto name = reader.text("name")) {
    if (auto wrong = check_name(*name)) {
      diagnostics.error(reader.at("name"), std::move(*wrong));
    } else {
      process.name = std::move(*name);
    }
  }
  if (reader.has("run") == reader.has("calls")) {
    diagnostics.error(process.at, "a process says what it does: a program or calls",
                      "give either 'run: ping' or 'calls: [...]'");
    return process;
  }
  if (reader.has("calls")) {
    parse_calls(reader, process, diagnostics);
    return process;
  }
  const auto run = reader.text("run");
  if (!run) return process;
  process.program = application::find_program(*run);
  if (*run == "calls") {
    diagnostics.error(reader.at("run"), "'calls' is a key of its own",
                      "write 'calls:' instead of 'run: calls'");
    process.program = nullptr;
    return process;
  }
  if (process.program == nullptr) {
    diagnostics.error(reader.at("run"), fmt::format("there is no program {}", in_quotes(*run)),
                      suggestion(*run, program_names()));
    return process;
  }
  process.is_server =
      std::any_of(process.program->parameters.begin(), process.program->parameters.end(),
                  [](const Parameter& parameter) { return parameter.name == "listen"; });
  parse_arguments(reader, process, diagnostics);
  return process;
}

}  // namespace strata::scenario
