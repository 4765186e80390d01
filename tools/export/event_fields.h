// SPDX-License-Identifier: MIT
// The one table of what each kind of event says: its name, and of each field the name, the unit and
// the meaning. A visitor that writes gets the values of an event; one that describes gets every
// field once, whatever the values: the JSON Lines, their schema and docs/events.md are made of it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/trace/directory.h"
#include "stack/base/events.h"

namespace strata::exports {

// Rises when a program that reads the events would have to be changed; new kinds and new fields do
// not count.
inline constexpr int kEventsVersion = 1;

struct Field {
  std::string_view name;
  std::string_view unit;  // "ns", "octets", "frames"; empty: it has none
  std::string_view help;
  bool may_be_null = false;
};

class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  // Shall absent parts of an event be visited too, with no matter which values?
  virtual bool is_describing() const = 0;

  virtual void null(const Field& field) = 0;
  virtual void number(const Field& field, std::uint64_t value) = 0;
  virtual void real(const Field& field, double value) = 0;
  virtual void flag(const Field& field, bool value) = 0;
  virtual void text(const Field& field, std::string_view value) = 0;
  // One of a few words.
  virtual void word(const Field& field, std::string_view value,
                    const std::vector<std::string_view>& words) = 0;
  virtual void octets(const Field& field, Bytes value) = 0;
  // What is visited until the end is part of it. Items of a list have no name.
  virtual void begin_object(const Field& field) = 0;
  virtual void end_object() = 0;
  virtual void begin_list(const Field& field) = 0;
  virtual void end_list() = 0;
};

struct EventKind {
  std::string_view name;  // "frame_sent"
  std::string_view help;
};
// By index of the alternative in EventBody.
const std::vector<EventKind>& event_kinds();
// A default event of each kind, in the same order, to describe.
std::vector<Event> example_events();

// What all events have: t_ns, event, node, uid, parent, relation, flow (its number; 0: none).
void visit_common(const Event& event, std::uint32_t flow, const trace::Directory& names,
                  FieldVisitor& visitor);
// What this kind has.
void visit_fields(const Event& event, const trace::Directory& names, FieldVisitor& visitor);

}  // namespace strata::exports
