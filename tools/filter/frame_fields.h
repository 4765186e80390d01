// SPDX-License-Identifier: MIT
// The fields that filters ask for, read from a packet on one of the links it crossed: header fields
// from the octets where the dissector says they are, `frame.*` and `strata.*` from the recording.
#pragma once

#include <optional>
#include <vector>

#include "sim/analysis/hops.h"
#include "tools/filter/fields.h"
#include "tools/views/label.h"

namespace strata::filter {

class FrameFields {
 public:
  // `recording` outlives it.
  explicit FrameFields(const trace::Recording& recording);

  // What is asked about from now on: a packet on a link, or one that never was on any.
  void look_at(const analysis::Hop& hop);
  void look_at(PacketUid uid);

  // None when the frame does not have the field; several when it has it more than once.
  std::vector<Value> values(const FieldInfo& field);

 private:
  void look_at(PacketUid uid, std::optional<analysis::Hop> hop);
  const wire::Dissection& dissection();
  std::vector<Value> frame_values(std::string_view name) const;
  std::vector<Value> header_values(const FieldInfo& field);
  std::vector<Value> tcp_values(std::string_view name);
  std::vector<Value> strata_values(std::string_view name) const;
  std::vector<Value> sender_values(std::string_view name) const;

  const trace::Recording& recording_;
  views::Labeller labeller_;
  Instant first_{};  // frame of the run
  PacketUid uid_ = kNoPacket;
  std::optional<analysis::Hop> hop_;
  std::optional<wire::Dissection> dissection_;  // once asked for
};

}  // namespace strata::filter
