// SPDX-License-Identifier: MIT
// What a protocol's own dissector works with. Each takes the range of the frame that its protocol
// fills, writes one layer with LayerWriter and says what is inside. Nothing calls itself: the loop
// in dissect.cc goes from one layer to the next, so depth is bounded there and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/checksum.h"
#include "stack/base/protocol.h"
#include "stack/wire/dissect.h"
#include "stack/wire/field.h"

namespace strata::wire {

// Bytes [begin, end) of the frame.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

// What a layer carries. An empty range: nothing.
struct Inner {
  Protocol protocol = Protocol::data;
  Range range;
};

// The network layer's knowledge that the layers above it need.
struct NetworkContext {
  IpAddress source;
  IpAddress destination;
  bool is_fragment = false;  // a first fragment: the transport header is there, not all of its data
  bool is_cut = false;       // the datagram says that it is longer than what is here
  std::size_t bytes_left_out = 0;  // of its end, by the capture
  std::size_t quotes = 0;          // how many ICMP errors this is quoted in
  // Whether a checksum over the whole payload can be verified, and if not, why.
  bool can_verify() const { return !is_fragment && !is_cut && quotes == 0; }
  std::string_view why_unverified() const;
};

struct DissectContext {
  Bytes frame;
  Dissection& out;
  bool has_fcs = false;
  std::size_t bytes_left_out = 0;  // behind `frame`, by the capture
  NetworkContext network;
  std::vector<DissectedLayer> trailers;  // as found: outermost first

  Bytes bytes(Range range) const { return frame.subspan(range.begin, range.size()); }
  // Only what is not quoted in an ICMP error may write the summary line.
  void set_line(std::string line) {
    if (network.quotes == 0) out.line = std::move(line);
  }
  // Bytes behind the layer's own end: padding to the minimum frame, or whatever else they are.
  void add_padding(Range range, std::string_view name = "padding");
};

// Writes one layer of the dissection. Do not keep it while another layer is added.
class LayerWriter {
 public:
  // `whole` is the layer with everything inside it.
  LayerWriter(DissectContext& context, Protocol protocol, Range whole);

  // Adds the fields of `table`, whose header begins `base` bytes into the frame, as far as they lie
  // inside the layer. True if all do. What is left of a header cut short becomes a field of its
  // own, and the layer's problem unless it is quoted in an ICMP error (which cuts it).
  bool add_table(std::span<const Field> table, std::size_t base);
  bool add_table(std::span<const Field> table) { return add_table(table, layer().offset); }
  // Adds a run of whole bytes.
  DissectedField& add_bytes(std::string_view name, std::string_view section, Range range,
                            std::string value);
  // The field that `field` of the table became; a scratch field when the header was cut before it.
  DissectedField& at(const Field& field);
  // Compares a field with the value it should have.
  void judge(const Field& field, std::uint64_t expected);
  // Verifies the Internet checksum `field` of a header that begins `covered`; `sum` has been fed
  // the pseudo-header, if there is one.
  void judge_checksum(const Field& field, InternetChecksum sum, Bytes covered);

  DissectedLayer& layer() { return context_.out.layers[index_]; }
  void set_summary(std::string summary) { layer().summary = std::move(summary); }
  void set_problem(std::string problem);
  // The header ends here: everything before it that is not in a field yet is an error of ours.
  void end_header(std::size_t end) { layer().header_bytes = end - layer().offset; }

 private:
  DissectContext& context_;
  std::size_t index_;
  DissectedField scratch_;
};

// The dissectors. They are reached through the registry.
Inner dissect_physical(DissectContext& context, Range range);
Inner dissect_ethernet(DissectContext& context, Range range);
Inner dissect_vlan(DissectContext& context, Range range);
Inner dissect_linux_cooked(DissectContext& context, Range range);
Inner dissect_linux_cooked_v2(DissectContext& context, Range range);
Inner dissect_loopback(DissectContext& context, Range range);
Inner dissect_arp(DissectContext& context, Range range);
Inner dissect_ipv4(DissectContext& context, Range range);
Inner dissect_ipv6(DissectContext& context, Range range);
Inner dissect_icmpv6(DissectContext& context, Range range);
Inner dissect_icmpv4(DissectContext& context, Range range);
Inner dissect_udp(DissectContext& context, Range range);
Inner dissect_tcp(DissectContext& context, Range range);
Inner dissect_http(DissectContext& context, Range range);
Inner dissect_data(DissectContext& context, Range range);

// Parts of them with a file of their own.
void dissect_ipv4_options(LayerWriter& layer, DissectContext& context, Range options);
// Returns what tcpdump prints between the brackets of "options [...]".
std::string dissect_tcp_options(LayerWriter& layer, DissectContext& context, Range options);

// For people: the text in quotes with escapes when it is text, else hexadecimal; cut after
// `bytes_max` with "...".
std::string preview(Bytes bytes, std::size_t bytes_max = 48);

}  // namespace strata::wire
