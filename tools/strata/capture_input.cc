// SPDX-License-Identifier: MIT
#include "tools/strata/capture_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/program_options/value_semantic.hpp>
#include <fstream>

#include "sim/device/capture_file.h"
#include "sim/scenario/units.h"
#include "stack/wire/datagram.h"

namespace strata::cli {
namespace {

constexpr std::uint64_t kPacketsMost = 200'000;

// How many packets to read. Nullopt after a complaint.
std::optional<std::uint64_t> read_first(const ParsedLine& line) {
  if (!line.has("first")) return kPacketsMost;
  const auto count = scenario::parse_count(line.text("first"));
  if (count && *count > 0) return *count;
  complain(fmt::format("--first {} is not a number of packets", line.text("first")), "");
  return std::nullopt;
}

// An interface that we can read, or a complaint.
bool is_readable(const device::CaptureFile& file, const std::string& path) {
  const auto& interfaces = file.interfaces();
  const auto known = [](const device::CaptureInterface& interface) {
    return !wire::name_of(interface.link_type).empty();
  };
  if (interfaces.empty() || std::any_of(interfaces.begin(), interfaces.end(), known)) return true;
  complain(fmt::format("{} was captured on links of type {}, which is not understood", path,
                       static_cast<unsigned>(interfaces.front().link_type)),
           "Ethernet, raw IP, Linux cooked and null captures are");
  return false;
}

}  // namespace

bool is_capture(std::string_view head) {
  // Pcapng in either byte order; pcap with microseconds and nanoseconds, in both; gzip.
  constexpr std::array<std::string_view, 6> kBeginnings{"\x0a\x0d\x0d\x0a", "\xa1\xb2\xc3\xd4",
                                                        "\xd4\xc3\xb2\xa1", "\xa1\xb2\x3c\x4d",
                                                        "\x4d\x3c\xb2\xa1", "\x1f\x8b"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return head.starts_with(beginning); });
}

bool is_capture_file(const std::string& path) {
  std::array<char, 4> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  return file && is_capture({head.data(), head.size()});
}

void add_capture_options(po::options_description& options) {
  options.add_options()("first", po::value<std::string>()->value_name("N"),
                        "read this many packets of a capture; without it 200000");
}

std::optional<inference::CaptureRecording> read_capture(const ParsedLine& line,
                                                        const std::string& path) {
  const auto most = read_first(line);
  if (!most) return std::nullopt;
  auto file = device::CaptureFile::open(path);
  if (!file) {
    complain(file.error(), "");
    return std::nullopt;
  }
  if (!is_readable(**file, path)) return std::nullopt;
  inference::CaptureRecording capture = inference::record(**file, *most);
  if (capture.packets == 0) {
    complain(capture.problem.empty() ? fmt::format("{}: there are no packets in it", path)
                                     : capture.problem,
             "");
    return std::nullopt;
  }
  if (capture.has_more) {
    note(fmt::format("only the first {} packets are shown{}", capture.packets,
                     capture.packets == *most ? "; see --first" : ", which hold 1 GiB"));
  }
  return capture;
}

}  // namespace strata::cli
