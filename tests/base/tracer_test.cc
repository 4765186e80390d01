// SPDX-License-Identifier: MIT
#include "stack/base/tracer.h"

#include <vector>

namespace strata {
namespace {

class Collector : public Observer {
 public:
  void on_event(const Event& event) override { events.push_back(event); }
  std::vector<Event> events;
};

TEST(Tracer, GivesEachObserverTheKindsItAskedFor) {
  Tracer tracer;
  Collector drops;
  Collector all;
  tracer.attach(drops, event_mask<Dropped>());
  tracer.attach(all);

  tracer.emit({.body = Dropped{.reason = DropReason::loss}});
  tracer.emit({.body = LinkStateChanged{}});
  EXPECT_EQ(drops.events.size(), 1U);
  EXPECT_EQ(all.events.size(), 2U);
}

TEST(Tracer, WantsWhatAnyObserverWantsAndNothingElse) {
  Tracer tracer;
  Collector first;
  Collector second;
  EXPECT_FALSE(tracer.wants<FrameSent>());
  tracer.attach(first, event_mask<FrameSent, FrameReceived>());
  tracer.attach(second, event_mask<FrameReceived>());
  EXPECT_TRUE(tracer.wants<FrameSent>());
  EXPECT_FALSE(tracer.wants<Dropped>());

  tracer.detach(first);
  EXPECT_FALSE(tracer.wants<FrameSent>());
  EXPECT_TRUE(tracer.wants<FrameReceived>());
}

TEST(Tracer, EveryKindHasABitOfItsOwn) {
  EXPECT_EQ((event_mask<FrameQueued>()), 1U);
  constexpr std::size_t kLast = std::variant_size_v<EventBody> - 1;
  using Last = std::variant_alternative_t<kLast, EventBody>;
  EXPECT_EQ((event_mask<FrameQueued, Last>()), 1U | EventMask{1} << kLast);
  EXPECT_EQ(kAllEvents & event_mask<ProcessOutput>(), event_mask<ProcessOutput>());
}

TEST(NodeContext, BuildsAnEventOnlyWhenSomebodyWantsIt) {
  PacketPool pool;
  Tracer tracer;
  const NodeContext context{.node = NodeId{3}, .pool = &pool, .tracer = &tracer};
  int built = 0;
  const auto build = [&] {
    ++built;
    return Dropped{.reason = DropReason::no_route};
  };
  context.trace(kStart, build);
  EXPECT_EQ(built, 0);

  Collector collector;
  tracer.attach(collector, event_mask<Dropped>());
  context.trace(kStart + 1ms, build);
  EXPECT_EQ(built, 1);
  ASSERT_EQ(collector.events.size(), 1U);
  EXPECT_EQ(collector.events[0].time, kStart + 1ms);
  EXPECT_EQ(collector.events[0].node, NodeId{3});
  EXPECT_EQ(collector.events[0].uid, kNoPacket);
}

TEST(NodeContext, AnEventAboutAPacketNamesItAndItsParent) {
  PacketPool pool;
  Tracer tracer;
  Collector collector;
  tracer.attach(collector);
  const NodeContext context{.node = NodeId{0}, .pool = &pool, .tracer = &tracer};
  Packet packet = pool.make(10);
  packet.set_parent(PacketUid{77}, Parentage::retransmission);

  context.trace(kStart, packet, [] { return HeaderPushed{}; });
  ASSERT_EQ(collector.events.size(), 1U);
  EXPECT_EQ(collector.events[0].uid, packet.uid());
  EXPECT_EQ(collector.events[0].parent, PacketUid{77});
  EXPECT_EQ(collector.events[0].parentage, Parentage::retransmission);
}

}  // namespace
}  // namespace strata
