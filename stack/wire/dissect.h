// SPDX-License-Identifier: MIT
// The dissector: frame bytes to a tree of layers and fields, without any knowledge of the run. It
// reads the same field tables as the codecs. Malformed input never fails: the layer that breaks
// says where and what was done (`problem`), and what follows is data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/base/protocol.h"

namespace strata::wire {

// What the first byte of a capture is (the LINKTYPE_ registry of tcpdump.org).
enum class LinkType : std::uint16_t {
  null = 0,  // address family in the byte order of the machine that captured
  ethernet = 1,
  raw_ip = 101,             // IPv4 or IPv6, as the first four bits say
  loopback = 108,           // address family in network byte order
  linux_cooked = 113,       // LINKTYPE_LINUX_SLL
  linux_cooked_v2 = 276,    // LINKTYPE_LINUX_SLL2
  ethernet_physical = 274,  // preamble, SFD, frame, FCS (LINKTYPE_ETHERNET_MPACKET)
};

enum class FieldStatus : std::uint8_t { plain, good, bad };  // of checksums and lengths

struct DissectedField {
  std::string_view name;          // from the field table
  std::string_view abbreviation;  // Wireshark filter name, may be empty
  std::string_view section;       // RFC section
  std::size_t bit_offset = 0;     // from the start of the whole frame
  std::size_t bit_width = 0;
  std::uint64_t raw = 0;  // the value, when it has at most 64 bits
  std::string value;      // for people: "64", "10.0.1.10", "0x2376", "DF", "MSS 1460"
  std::string note;       // what it means or what is wrong: "TCP", "should be 0x1234"
  FieldStatus status = FieldStatus::plain;
};

struct DissectedLayer {
  Protocol protocol{};
  std::size_t offset = 0;        // of the header in the frame, bytes
  std::size_t header_bytes = 0;  // for data, padding and fcs: all of it
  std::size_t total_bytes = 0;   // header and everything inside it
  std::string summary;           // right-hand title: "TTL 64", "PSH ACK", "GET /index.html"
  std::string problem;           // empty, or where and how it is malformed
  std::vector<DissectedField> fields;
};

struct Dissection {
  std::vector<DissectedLayer> layers;  // outermost first; data, padding and FCS last
  // One line in tcpdump's manner: "IP 10.0.1.10.40000 > 10.0.2.20.80: Flags [S], seq 1000, ...".
  std::string line;
  const DissectedLayer* find(Protocol protocol) const;
};

struct DissectOptions {
  LinkType link_type = LinkType::ethernet;
  bool has_fcs = true;  // of Ethernet: the last four bytes are the frame check sequence
  // Bytes at the end of the frame that whoever captured it left out. A header or payload that ends
  // there is not malformed.
  std::size_t bytes_left_out = 0;
};

Dissection dissect(Bytes frame, const DissectOptions& options = {});

}  // namespace strata::wire
