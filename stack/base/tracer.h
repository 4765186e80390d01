// SPDX-License-Identifier: MIT
// Tracer: hands events to the observers that asked for their kind. Building an event costs nothing
// when nobody wants it: one load and one predictable branch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "stack/base/events.h"
#include "stack/base/random.h"

namespace strata {

using EventMask = std::uint64_t;

namespace detail {
template <typename E, typename... Es>
constexpr std::size_t event_index(const std::variant<Es...>*) {
  std::size_t index = 0;
  const bool found = ((std::is_same_v<E, Es> ? true : (++index, false)) || ...);
  return found ? index : sizeof...(Es);
}
}  // namespace detail

// The mask bit of each listed event type: event_mask<FrameSent, Dropped>().
template <typename... Es>
constexpr EventMask event_mask() {
  return (EventMask{0} | ... |
          (EventMask{1} << detail::event_index<Es>(static_cast<EventBody*>(nullptr))));
}
inline constexpr EventMask kAllEvents =
    (EventMask{1} << std::variant_size_v<EventBody>)-EventMask{1};

class Observer {
 public:
  virtual ~Observer() = default;
  // Called synchronously at the instant of the fact. Must not call back into the stack.
  virtual void on_event(const Event& event) = 0;
};

class Tracer {
 public:
  // The observer must outlive the tracer or be detached.
  void attach(Observer& observer, EventMask wanted = kAllEvents);
  void detach(Observer& observer);

  template <typename E>
  bool wants() const {
    return (wanted_ & event_mask<E>()) != 0;
  }
  void emit(const Event& event);
  // What `build` returns as the body of an event, made where it is to lie.
  template <typename Build>
  static EventBody body_of(Build& build) {
    using E = std::invoke_result_t<Build>;
    struct Maker {
      Build& build;
      operator E() const { return build(); }
    };
    return EventBody{std::in_place_type<E>, Maker{build}};
  }

 private:
  struct Subscription {
    Observer* observer;
    EventMask wanted;
  };
  std::vector<Subscription> subscriptions_;
  EventMask wanted_ = 0;
};

// What every part of a node is given at construction instead of reaching for globals.
struct NodeContext {
  NodeId node = kNoNode;
  PacketPool* pool = nullptr;
  Tracer* tracer = nullptr;
  SecretKey key{};  // of this node's keyed hashes

  // Emits the event that `build()` returns, if anyone wants its kind; else does not call it.
  template <typename Build>
  void trace(Instant now, Build&& build) const {
    using E = std::invoke_result_t<Build>;
    if (tracer->wants<E>()) [[unlikely]] {
      tracer->emit(Event{.time = now, .node = node, .body = Tracer::body_of(build)});
    }
  }
  // The same, about `packet`.
  template <typename Build>
  void trace(Instant now, const Packet& packet, Build&& build) const {
    using E = std::invoke_result_t<Build>;
    if (tracer->wants<E>()) [[unlikely]] {
      tracer->emit(Event{.time = now,
                         .node = node,
                         .uid = packet.uid(),
                         .parent = packet.parent(),
                         .parentage = packet.parentage(),
                         .body = Tracer::body_of(build)});
    }
  }
};

}  // namespace strata
