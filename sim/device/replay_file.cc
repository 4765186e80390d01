// SPDX-License-Identifier: MIT
#include "sim/device/replay_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "sim/device/capture_file.h"
#include "sim/frame_filter.h"
#include "stack/physical/framing.h"
#include "stack/wire/datagram.h"

namespace strata::device {
namespace {

// Zero when `to` is earlier; the longest there is when it is longer.
Duration time_between(std::int64_t from, std::int64_t to) {
  if (to <= from) return Duration{};
  const std::uint64_t passed = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  return Duration{passed > static_cast<std::uint64_t>(kMost) ? kMost
                                                             : static_cast<std::int64_t>(passed)};
}

class FrameReader {
 public:
  FrameReader(CaptureFile& file, std::string path, const ReplaySelection& selection)
      : file_(file), path_(std::move(path)), selection_(selection), filter_(selection.filter) {}

  tl::expected<sim::CapturedFrames, std::string> read() {
    CapturedPacket packet;
    while (file_.next(packet)) {
      if (auto problem = take(packet))
        return tl::unexpected(fmt::format("{}: {}", path_, *problem));
    }
    if (!file_.problem().empty()) return tl::unexpected(file_.problem());
    if (taken_.frames.empty()) return tl::unexpected(fmt::format("{}: {}", path_, why_none()));
    return std::move(taken_);
  }

 private:
  std::optional<std::string> take(const CapturedPacket& packet) {
    const CaptureInterface& interface = file_.interfaces()[packet.interface];
    if (!is_selected(packet.interface, interface)) return std::nullopt;
    sim::CapturedFrames::Frame frame{.number = file_.packets(),
                                     .has_fcs = interface.fcs_bytes == 4};
    Bytes octets = packet.octets;
    if (interface.link_type == wire::LinkType::ethernet_physical) {
      const auto inside = physical::without_preamble(octets);
      if (!inside) return fmt::format("frame {} has no start frame delimiter", frame.number);
      octets = *inside;
      frame.has_fcs = true;
    } else if (interface.link_type != wire::LinkType::ethernet) {
      return not_ethernet(frame.number, interface.link_type);
    }
    if (packet.bytes_left_out > 0) frame.has_fcs = false;  // it was at the end
    if (!matches(octets, frame.has_fcs)) return std::nullopt;
    const std::size_t held = taken_.octets.size() + taken_.frames.size() * sizeof(frame);
    if (held + octets.size() > kReplayBytesMost) {
      return "it holds more than 1 GiB of frames; choose some of them with a filter";
    }
    if (taken_.frames.empty()) first_ = packet.nanoseconds;
    // Captures of several processors are not always in order: what was before goes first.
    const Duration before = taken_.frames.empty() ? Duration{} : taken_.frames.back().since_first;
    frame.since_first = std::max(before, time_between(first_, packet.nanoseconds));
    frame.begin = taken_.octets.size();
    frame.bytes = static_cast<std::uint32_t>(octets.size());
    frame.bytes_left_out = static_cast<std::uint32_t>(
        std::min<std::size_t>(packet.bytes_left_out, std::numeric_limits<std::uint32_t>::max()));
    taken_.octets.insert(taken_.octets.end(), octets.begin(), octets.end());
    taken_.frames.push_back(frame);
    return std::nullopt;
  }

  bool is_selected(std::uint32_t number, const CaptureInterface& interface) const {
    return selection_.interface.empty() || selection_.interface == interface.name ||
           selection_.interface == std::to_string(number);
  }

  // A filter is run on frames that end in an FCS.
  bool matches(Bytes octets, bool has_fcs) {
    if (selection_.filter.empty()) return true;
    if (has_fcs) return filter_.matches(octets);
    scratch_.assign(octets.begin(), octets.end());
    scratch_.resize(octets.size() + physical::kFcsBytes);
    return filter_.matches(scratch_);
  }

  static std::string not_ethernet(std::uint64_t number, wire::LinkType type) {
    const std::string_view name = wire::name_of(type);
    const std::string known =
        name.empty() ? fmt::format("type {}", static_cast<unsigned>(type)) : std::string{name};
    return fmt::format(
        "frame {} was captured on a link that is no Ethernet ({}) and cannot be sent over one",
        number, known);
  }

  std::string why_none() const {
    if (file_.packets() == 0) return "there are no frames in it";
    std::string names;
    const auto& interfaces = file_.interfaces();
    bool is_known = selection_.interface.empty();
    for (std::uint32_t i = 0; i < interfaces.size(); ++i) {
      is_known = is_known || is_selected(i, interfaces[i]);
      if (i < 16) {
        names += fmt::format("{}{}", i == 0 ? "" : ", ",
                             interfaces[i].name.empty() ? std::to_string(i) : interfaces[i].name);
      }
    }
    if (!is_known)
      return fmt::format("it has no interface '{}', but {}", selection_.interface, names);
    return "no frame of it is left to replay: see 'interface' and 'filter'";
  }

  CaptureFile& file_;
  std::string path_;
  const ReplaySelection& selection_;
  sim::FrameFilter filter_;
  sim::CapturedFrames taken_;
  std::int64_t first_ = 0;  // nanoseconds, of the first frame taken
  std::vector<std::uint8_t> scratch_;
};

}  // namespace

tl::expected<sim::CapturedFrames, std::string> read_replay(const std::string& path,
                                                           const ReplaySelection& selection) {
  // What is no file may never end, or wait for somebody who writes.
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return tl::unexpected(fmt::format("{} is not a file", path));
  }
  auto file = CaptureFile::open(path);
  if (!file) return tl::unexpected(std::move(file.error()));
  return read_replay(**file, path, selection);
}

tl::expected<sim::CapturedFrames, std::string> read_replay(CaptureFile& file,
                                                           const std::string& name,
                                                           const ReplaySelection& selection) {
  return FrameReader(file, name, selection).read();
}

}  // namespace strata::device
