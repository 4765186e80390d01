// SPDX-License-Identifier: MIT
// CaptureObserver: what a capture on the interfaces of a run would have seen, as files for
// Wireshark and its kin, with the ground truth in packet comments.
//
// A frame sent is stamped when its first bit leaves, a frame received when its last bit arrives. A
// frame lost on the wire is in the sender's file only, as in reality. Comments for machines start
// with "strata:" and consist of key=value pairs whose values have no spaces:
//
//     strata: uid=9 event=tx flow=1 state=ESTABLISHED cwnd=14600 ssthresh=65535 flight=2920
//     strata: event=retx cause=fast-retransmit of=9
//     strata: drop=loss link=link0 model=bernoulli p=0.1 draw=0.0342
//     strata: event=replayed frame=12
//
// A sentence for people follows a drop. Frames dropped before their first bit left (a full queue)
// are in no file; the next frame's drop count tells of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/frame_filter.h"
#include "sim/link_config.h"
#include "sim/trace/capture_stream.h"
#include "sim/trace/directory.h"
#include "sim/trace/flow_table.h"
#include "sim/trace/line.h"
#include "stack/base/tracer.h"

namespace strata::trace {

struct CaptureOptions {
  // The directory for one file per interface, NODE-INTERFACE.pcapng (made if it is missing); or,
  // with `single_file`, the name of the one file, "-" for standard output. Wireshark takes several
  // interfaces in one file for retransmissions: see the documentation.
  std::string path;
  bool single_file = false;
  CaptureFormat format = CaptureFormat::pcapng;
  std::vector<sim::LinkEnd> interfaces;  // empty: all that are connected
  std::string filter;                    // pcap expression; empty: every frame
  std::uint32_t snapshot_bytes = 0;      // of each frame; 0: all of it
  bool physical = false;                 // link type 274: preamble and SFD too
  bool annotate = true;                  // write comments
  std::vector<std::string> comments;     // about the whole capture: scenario, seed
  std::string application = "Strata";
};

class CaptureObserver final : public Observer {
 public:
  // Opens the files. The error is a sentence for the user.
  static tl::expected<std::unique_ptr<CaptureObserver>, std::string> create(
      Directory directory, const CaptureOptions& options);

  // The kinds this capture needs; attach with it: tracer.attach(*capture, capture->wanted()).
  EventMask wanted() const;
  void on_event(const Event& event) override;
  // A file could not be written: the run may as well stop.
  bool has_failed() const;
  // Hands on what was captured so far, for whoever reads along; between two instants of the run.
  void flush();
  // Completes all files; without it they disappear. Reports the first error.
  std::optional<std::string> finish(Instant end);
  // Names of the files, in order of interfaces.
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  static constexpr std::uint32_t kNoTap = 0xffffffffU;

  // An interface that is captured.
  struct Tap {
    sim::LinkEnd end;
    std::uint32_t stream = 0;
    std::uint32_t interface = 0;  // of the stream
    std::uint64_t frames = 0;
    std::uint64_t drops = 0;
    std::uint64_t drops_told = 0;  // of them, how many the frames written so far told of
  };
  // The frame a stream has open for comments.
  struct Open {
    bool is_open = false;
    std::uint32_t tap = 0;
    PacketUid uid{};
    bool is_outbound = false;
  };
  struct Stream {
    std::unique_ptr<CaptureStream> file;
    Open open;
  };
  // What is known of a TCP segment until its frames have passed: few octets, because the table of
  // them is walked through again and again.
  struct Segment {
    static constexpr std::uint32_t kFlowMask = (1U << 28) - 1;
    static constexpr std::uint32_t kCauseMask = (1U << 4) - 1;
    PacketUid uid = kNoPacket;
    std::uint32_t flow : 28 = 0;
    std::uint32_t cause : 4 = 0;  // a RetransmitCause
    NodeId origin = kNoNode;
    TcpSender sender;
  };
  static_assert(sizeof(Segment) == 32);
  static_assert(FlowTable::kFlowsMost <= Segment::kFlowMask);
  static_assert(static_cast<std::uint32_t>(RetransmitCause::path_mtu) <= Segment::kCauseMask);
  static constexpr std::size_t kSegments = 1U << 14;  // a power of two

  CaptureObserver(Directory directory, const CaptureOptions& options);
  std::optional<std::string> open_streams(const CaptureOptions& options);
  PcapngWriter::Interface describe(const sim::LinkEnd& end, const CaptureOptions& options) const;
  CaptureHead head(const CaptureOptions& options) const;

  std::uint32_t tap_at(NodeId node, PortId port) const;
  void on_frame(const Event& event, PortId port, Bytes frame, bool is_outbound, FrameError error);
  void on_dropped(const Event& event, const Dropped& dropped);
  void on_segment(const Event& event, std::uint32_t flow, const TcpSegmentSent& segment);
  // The stream that has this packet open at this node (and port, unless kNoPort); else null.
  Stream* open_at(const Event& event, PortId port);
  void close(Stream& stream);
  // What every frame is told with; `segment` is null when it carries none that is known.
  static void describe_frame(Line& line, const Event& event, const Segment* segment,
                             bool is_outbound);
  void describe_repetition(CaptureStream& file, const Event& event, const Segment& segment);
  void describe_decision(CaptureStream& file, LinkId link, std::string_view what,
                         const std::optional<DecisionDetail>& decision);

  Directory directory_;
  sim::FrameFilter filter_;
  bool annotate_ = true;
  bool single_file_ = false;
  std::vector<std::string> paths_;
  std::vector<Tap> taps_;
  std::vector<std::vector<std::uint32_t>> tap_numbers_;  // by node, port
  device::BlockWriter block_writer_;                     // before the streams it writes
  std::vector<Stream> streams_;
  FlowTable flow_table_;
  std::vector<Segment> segments_;                // by uid modulo kSegments: old ones make room
  std::map<PacketUid, FrameMarked> marks_;       // of frames that wait to be sent
  std::map<PacketUid, FrameReplayed> replayed_;  // likewise
  std::string text_;                             // of the comment being written
};

}  // namespace strata::trace
