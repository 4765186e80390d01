// SPDX-License-Identifier: MIT
// A packetdrill script of arbitrary text: it is read, or refused in words that point into it; its
// packets can be written and built, its commands and assertions understood or noted.
#include <string>

#include "sim/packetdrill/code.h"
#include "sim/packetdrill/packets.h"
#include "sim/packetdrill/parser.h"
#include "sim/packetdrill/settings.h"
#include "tests/fuzz/fuzz.h"

STRATA_FUZZ_TARGET(packetdrill_parser) {
  namespace packetdrill = strata::packetdrill;
  const std::string text(input.begin(), input.end());
  const std::string_view named = packetdrill::system_of(text);
  const std::string_view system = named.empty() ? "Linux" : named;
  const auto script = packetdrill::parse(text, {{"WORD", "12"}}, system);
  if (!script) {
    STRATA_FUZZ_EXPECT(!script.error().text.empty());
    STRATA_FUZZ_EXPECT(script.error().at.line >= 1 && script.error().at.column >= 1);
    return;
  }
  packetdrill::Settings settings;
  packetdrill::Problem problem;
  for (const auto& option : script->options) {
    if (!packetdrill::apply_option(option, settings, problem)) {
      STRATA_FUZZ_EXPECT(!problem.text.empty());
    }
  }
  const packetdrill::Flow flow{.local = {settings.machine.local, 8080},
                               .remote = {settings.remote, 40000}};
  packetdrill::CodeNames names;
  for (const auto& event : script->events) {
    if (const auto* packet = std::get_if<packetdrill::PacketSpec>(&event.action)) {
      STRATA_FUZZ_EXPECT(!packetdrill::to_text(*packet).empty());
      if (packet->direction == packetdrill::Direction::inbound) {
        packetdrill::build(*packet, flow, settings.machine.signature_key);
      }
    } else if (const auto* command = std::get_if<packetdrill::Command>(&event.action)) {
      packetdrill::apply_command(command->text, settings);
    } else if (const auto* code = std::get_if<packetdrill::Code>(&event.action)) {
      packetdrill::run_code(
          code->text, [](std::string_view) { return std::int64_t{1}; }, names);
    }
  }
}
