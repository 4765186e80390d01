// SPDX-License-Identifier: MIT
// Segmentation: super-frames of the operating system (TCP segmentation offload) and the real frames
// that simulated links carry. What a network card does in hardware, a driver does here:
//
//     the kernel's frame of up to 64 KB -> Splitter -> frames of one segment each, checksums made
//     frames of one segment each -> Merger -> a frame of up to 64 KB, its checksum left to the
//     kernel
//
// The meta data are those of virtio (Virtual I/O Device 1.2, 5.1.6: struct virtio_net_hdr). Read
// linux/Documentation/networking/segmentation-offloads.rst first. IPv4 only: with IPv6 the kernel
// is not told that anybody would split for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/bytes.h"

namespace strata::device {

// What was left undone with a frame.
struct Offload {
  bool needs_checksum = false;      // the field holds the sum of the pseudo-header only
  std::size_t checksum_start = 0;   // where the sum begins
  std::size_t checksum_offset = 0;  // of the field, from there
  std::size_t segment_bytes = 0;    // payload of each frame; 0: it is one frame as it stands
  std::size_t header_bytes = 0;     // in front of the payload; set by Merger
};

// Completes the checksum of a frame in place. False: the meta data lie beyond its end.
bool complete_checksum(MutableBytes frame, const Offload& offload);

// For frames that come without meta data. The payload of each frame that a TCP over IPv4 frame is
// to be cut into so that no datagram exceeds `mtu`; 0: it need not be cut, or cannot.
std::size_t segment_bytes_for(Bytes frame, std::size_t mtu);
// Whether the checksum of a TCP or UDP over IPv4 frame is nothing but the sum of its pseudo-header,
// and not right as it stands; `offload` then says how to complete it.
bool lacks_checksum(Bytes frame, Offload& offload);

// For a frame that is too long to be joined with another (is_long()): `headers` become those of the
// frame with the checksum left to the kernel, which then need not add it up again. False: it is not
// TCP over IPv4, or its checksum is wrong and stays so.
bool leave_checksum(Bytes frame, std::vector<std::uint8_t>& headers, Offload& offload);
bool is_long(Bytes frame);

// Cuts one super-frame at a time.
class Splitter {
 public:
  // Takes a TCP over IPv4 frame whose octets stay valid until it has been cut. False: it is not
  // such a frame, or its lengths contradict each other.
  bool load(Bytes frame, const Offload& offload);
  bool empty() const { return at_ == frame_.size(); }
  // The next frame, valid until the next call. Requires !empty().
  Bytes next();

 private:
  static constexpr std::size_t kHeaderMost = 14 + 4 + 60 + 60;

  Bytes frame_;                // without padding
  std::size_t network_ = 0;    // offset of the IPv4 header
  std::size_t transport_ = 0;  // of the TCP header
  std::size_t payload_ = 0;
  std::size_t segment_bytes_ = 0;
  std::size_t at_ = 0;  // of the payload not handed out yet
  std::vector<std::uint8_t> out_;
};

// Joins consecutive segments of one connection. What is joined could have been cut from one
// super-frame: the same headers but for sequence and identification, full segments but the last,
// nothing after PSH. A frame whose checksum is wrong is never joined, so that it stays wrong.
class Merger {
 public:
  // True: the frame is held, alone or behind what was held before. False: it does not go with what
  // is held; when nothing is held, it is none to be joined at all.
  bool add(Bytes frame);
  bool empty() const { return size_ == 0; }
  // The frame held and what is left to do with it. Requires !empty().
  MutableBytes frame();
  const Offload& offload() const { return offload_; }
  std::size_t segments() const { return segments_; }
  void clear();

 private:
  struct Segment;  // a frame understood

  bool continues(const Segment& segment, Bytes frame) const;
  bool take_text(const Segment& segment, Bytes frame, std::size_t at);

  std::vector<std::uint8_t> held_;  // room for the longest frame, of which size_ octets count
  std::size_t size_ = 0;
  Offload offload_;
  std::size_t segments_ = 0;
  std::uint32_t next_sequence_ = 0;
  bool is_closed_ = false;  // nothing may follow
};

}  // namespace strata::device
