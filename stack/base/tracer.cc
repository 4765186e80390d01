// SPDX-License-Identifier: MIT
#include "stack/base/tracer.h"

namespace strata {

void Tracer::attach(Observer& observer, EventMask wanted) {
  subscriptions_.push_back({&observer, wanted});
  wanted_ |= wanted;
}

void Tracer::detach(Observer& observer) {
  std::erase_if(subscriptions_,
                [&](const Subscription& entry) { return entry.observer == &observer; });
  wanted_ = 0;
  for (const Subscription& entry : subscriptions_) wanted_ |= entry.wanted;
}

void Tracer::emit(const Event& event) {
  const EventMask kind = EventMask{1} << event.body.index();
  for (const Subscription& entry : subscriptions_) {
    if ((entry.wanted & kind) != 0) entry.observer->on_event(event);
  }
}

}  // namespace strata
