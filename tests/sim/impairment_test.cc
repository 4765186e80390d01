// SPDX-License-Identifier: MIT
#include "sim/impairment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "tests/sim/fake_network.h"

namespace strata::sim {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

// For each frame that a sent, whether the medium let it through.
std::vector<bool> fates(const LinkConfig& config, std::size_t frames, std::uint64_t seed = 1) {
  FakeNetwork network{config, seed};
  network.send_from_a(frames, 64, 10us);
  Collected<FrameSent> sent{network.engine.tracer()};
  network.run();
  std::vector<bool> arrives;
  for (const FrameSent& frame : sent.bodies) arrives.push_back(frame.will_arrive);
  return arrives;
}

// The numbers (send_from_a counts from 0) of the frames that b received, in order.
std::vector<int> received_numbers(const FakeNode& node) {
  std::vector<int> numbers;
  for (const FakeNode::Arrival& arrival : node.arrivals) numbers.push_back(arrival.bytes[0]);
  return numbers;
}

std::vector<std::uint32_t> differing_bits(Bytes a, Bytes b) {
  std::vector<std::uint32_t> bits;
  for (std::uint32_t bit = 0; bit < 8 * a.size(); ++bit) {
    if (((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8) & 1) != 0) bits.push_back(bit);
  }
  return bits;
}

// ---- loss ----

TEST(Loss, HappensAsOftenAsItsProbabilitySays) {
  constexpr double kFrames = 20'000;
  for (const char* text : {"0.1 %", "1 %", "10 %", "50 %"}) {
    const Probability probability = *Probability::parse(text);
    const std::vector<bool> arrives = fates(impaired(Loss{probability}), 20'000);

    const double p = probability.as_double();
    const auto lost = static_cast<double>(std::ranges::count(arrives, false));
    // 99.9 % of binomial outcomes lie within 3.29 deviations.
    EXPECT_NEAR(lost, kFrames * p, 3.29 * std::sqrt(kFrames * p * (1 - p)) + 1) << text;
  }
}

TEST(Loss, OfProbabilityOneLosesEverythingAndOfZeroNothing) {
  EXPECT_THAT(fates(impaired(Loss{Probability::always()}), 100), testing::Each(false));
  EXPECT_THAT(fates(impaired(Loss{Probability::never()}), 100), testing::Each(true));
}

TEST(Loss, IsReportedAtTheFirstBitWithTheDrawThatDecidedIt) {
  FakeNetwork network{impaired(Loss{Probability::ratio(1, 2)})};
  network.send_from_a(20, 64, 10us);
  Collected<FrameSent> sent{network.engine.tracer()};
  Collected<Dropped> dropped{network.engine.tracer()};

  network.run();

  ASSERT_FALSE(dropped.bodies.empty());
  for (std::size_t i = 0; i < dropped.bodies.size(); ++i) {
    const Dropped& drop = dropped.bodies[i];
    EXPECT_EQ(drop.reason, DropReason::loss);
    EXPECT_EQ(drop.layer, Layer::physical);
    ASSERT_TRUE(drop.decision.has_value());
    EXPECT_EQ(drop.decision->model, "bernoulli");
    EXPECT_EQ(drop.decision->probability, 0.5);
    EXPECT_LT(drop.decision->draw, 0.5);
    EXPECT_EQ(drop.decision->stream, "link/wire/a>b/loss#0");
    // One number a frame: the index in the stream is that of the frame.
    const Event& sending = sent.events.at(drop.decision->index);
    EXPECT_EQ(sending.uid, dropped.events[i].uid);
    EXPECT_EQ(sending.time, dropped.events[i].time);
    EXPECT_FALSE(sent.bodies.at(drop.decision->index).will_arrive);
  }
}

TEST(BurstLoss, LosesTheShareAndTheBurstsOfTheGilbertModel) {
  const BurstLoss model{.enter = Probability::ratio(1, 100), .leave = Probability::ratio(3, 10)};
  constexpr double kFrames = 100'000;
  const std::vector<bool> arrives = fates(impaired(model), 100'000);

  // Stationary share of the bad state 0.01 / 0.31; the variance of the number of losses is that of
  // a binomial times (1 + 0.69) / (1 - 0.69).
  const double share = 0.01 / 0.31;
  const auto lost = static_cast<double>(std::ranges::count(arrives, false));
  EXPECT_NEAR(lost, kFrames * share, 3.29 * std::sqrt(kFrames * share * (1 - share) * 1.69 / 0.31));
  double bursts = 0;
  for (std::size_t i = 0; i < arrives.size(); ++i) {
    if (!arrives[i] && (i == 0 || arrives[i - 1])) ++bursts;
  }
  // Burst lengths are geometric with mean 1/0.3 and deviation sqrt(0.7)/0.3.
  EXPECT_NEAR(lost / bursts, 1 / 0.3, 3.29 * std::sqrt(0.7) / 0.3 / std::sqrt(bursts));
}

TEST(BurstLoss, LosesInEachStateWithThatStatesProbability) {
  const BurstLoss model{.enter = Probability::ratio(1, 10),
                        .leave = Probability::ratio(1, 10),
                        .loss_in_bad = Probability::ratio(1, 2),
                        .loss_in_good = Probability::ratio(1, 20)};
  const std::vector<bool> arrives = fates(impaired(model), 50'000);

  // Half the time in each state: (0.5 + 0.05) / 2. Neighbours correlate, so the bound is generous.
  const auto lost = static_cast<double>(std::ranges::count(arrives, false));
  EXPECT_NEAR(lost / 50'000, 0.275, 0.02);
}

// Of the pairs of neighbours, the four kinds are as frequent as independence makes them.
TEST(Loss, OfOneFrameTellsNothingAboutTheNext) {
  constexpr std::size_t kPairs = 20'000;
  const std::vector<bool> arrives = fates(impaired(Loss{Probability::ratio(3, 10)}), 2 * kPairs);
  std::array<std::array<double, 2>, 2> seen{};
  for (std::size_t i = 0; i < kPairs; ++i) ++seen[arrives[2 * i]][arrives[2 * i + 1]];

  const std::array<double, 2> share{0.3, 0.7};
  double chi_square = 0;
  for (std::size_t a = 0; a < 2; ++a) {
    for (std::size_t b = 0; b < 2; ++b) {
      const double expected = kPairs * share[a] * share[b];
      chi_square += (seen[a][b] - expected) * (seen[a][b] - expected) / expected;
    }
  }
  EXPECT_LT(chi_square, 11.34);  // 99 % of three degrees of freedom
}

TEST(BurstLoss, BurstsHaveGeometricLengths) {
  const BurstLoss model{.enter = Probability::ratio(1, 20), .leave = Probability::ratio(1, 2)};
  const std::vector<bool> arrives = fates(impaired(model), 100'000);
  constexpr std::size_t kLengths = 7;  // the last stands for all from there on
  std::array<double, kLengths> seen{};
  double bursts = 0;
  for (std::size_t i = 0, length = 0; i < arrives.size(); ++i) {
    if (!arrives[i]) ++length;
    if (arrives[i] && length > 0) {
      ++seen[std::min(length, kLengths) - 1];
      ++bursts;
      length = 0;
    }
  }

  // Between two bursts lies at least one frame that arrives, so lengths are geometric with 1/2.
  double chi_square = 0;
  for (std::size_t i = 0; i < kLengths; ++i) {
    const double expected = bursts * std::pow(0.5, i + 1 < kLengths ? i + 1 : i);
    chi_square += (seen[i] - expected) * (seen[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, 16.81);  // 99 % of six degrees of freedom
}

TEST(DropNth, DropsExactlyTheOrdinalsAmongTheFramesThatMatch) {
  FakeNetwork network{impaired(DropNth{{2, 4}}, "ether[20] & 1 == 1")};
  network.send_from_a(10, 64, 10us);
  Collected<Dropped> dropped{network.engine.tracer()};

  network.run();

  // Frames 1, 3, 5, 7, 9 match.
  EXPECT_THAT(received_numbers(network.b), ElementsAre(0, 1, 2, 4, 5, 6, 8, 9));
  ASSERT_EQ(dropped.bodies.size(), 2U);
  EXPECT_EQ(dropped.bodies[0].reason, DropReason::chosen);
  EXPECT_EQ(dropped.bodies[0].decision->model, "2nd match of ether[20] & 1 == 1");
  EXPECT_EQ(dropped.bodies[1].decision->model, "4th match of ether[20] & 1 == 1");
}

TEST(DropNth, CountsEachDirectionByItself) {
  FakeNetwork network{impaired(DropNth{{1}})};
  network.send_from_a(2, 64, 10us);
  network.b.send_at(kStart, network.frame(64, 10));
  network.b.send_at(kStart + 10us, network.frame(64, 11));

  network.run();

  EXPECT_THAT(received_numbers(network.b), ElementsAre(1));
  EXPECT_THAT(received_numbers(network.a), ElementsAre(11));
}

TEST(Impairment, OfOneDirectionLeavesTheOtherAlone) {
  LinkConfig config = impaired(Loss{Probability::always()});
  config.impairments[0].direction = Direction::b_to_a;
  FakeNetwork network{config};
  network.send_from_a(3, 64, 10us);
  network.b.send_at(kStart, network.frame(64));

  network.run();

  EXPECT_EQ(network.b.arrivals.size(), 3U);
  EXPECT_THAT(network.a.arrivals, IsEmpty());
}

TEST(DropBetween, DropsTheFramesThatLeaveInTheWindow) {
  LinkConfig config = impaired(DropBetween{});
  config.impairments[0].from = kStart + 2ms;
  config.impairments[0].until = kStart + 4ms;
  FakeNetwork network{config};
  network.send_from_a(6, 64, 1ms);

  network.run();

  EXPECT_THAT(received_numbers(network.b), ElementsAre(0, 1, 4, 5));
}

TEST(Impairment, ModelsSeeOnlyWhatTheOnesBeforeThemLetThrough) {
  LinkConfig config = impaired(DropNth{{1}});
  config.impairments.push_back({.model = DropNth{{1}}});
  FakeNetwork network{config};
  network.send_from_a(4, 64, 10us);

  network.run();

  EXPECT_THAT(received_numbers(network.b), ElementsAre(2, 3));
}

TEST(Impairment, AFilterSeesTheFrameWithoutItsFcs) {
  FakeNetwork network{impaired(DropBetween{}, "len == 60")};
  network.send_from_a(1, 64, 0ns);
  network.b.send_at(kStart, network.frame(65));

  network.run();

  EXPECT_THAT(network.b.arrivals, IsEmpty());
  EXPECT_EQ(network.a.arrivals.size(), 1U);
}

TEST(Impairment, AFilterThatLibpcapRefusesIsReportedWithItsMessage) {
  EXPECT_EQ(check_filter(""), std::nullopt);
  EXPECT_EQ(check_filter("tcp port 80 and len > 100"), std::nullopt);
  ASSERT_TRUE(check_filter("tcp and (").has_value());
  EXPECT_THAT(*check_filter("tcp and ("), testing::HasSubstr("syntax error"));
}

// ---- damage ----

TEST(FlipBits, FlipsExactlyTheseBitsOfExactlyThisFrame) {
  FakeNetwork network{impaired(FlipBits{{2}, {0, 100, 511, 5000}})};
  network.send_from_a(3, 64, 10us);
  Collected<FrameCorrupted> corrupted{network.engine.tracer()};
  Collected<FrameReceived> received{network.engine.tracer()};

  network.run();

  ASSERT_EQ(corrupted.bodies.size(), 1U);
  EXPECT_THAT(corrupted.bodies[0].flipped_bits, ElementsAre(0, 100, 511));
  const Packet original = network.frame(64, 1);
  EXPECT_THAT(differing_bits(original.bytes(), network.b.arrivals[1].bytes),
              ElementsAre(0, 100, 511));
  EXPECT_FALSE(physical::has_valid_fcs(network.b.arrivals[1].bytes));
  ASSERT_EQ(received.bodies.size(), 3U);
  EXPECT_EQ(received.bodies[0].error, FrameError::none);
  EXPECT_EQ(received.bodies[1].error, FrameError::crc);
  EXPECT_EQ(received.bodies[2].error, FrameError::none);
}

TEST(BitErrors, FlipTheReportedBitsAtTheGivenRate) {
  FakeNetwork network{impaired(BitErrors{*Probability::parse("1e-4")})};
  constexpr double kBits = 2000 * 8 * 500;
  network.send_from_a(2000, 500, 10us);
  Collected<FrameSent> sent{network.engine.tracer()};
  Collected<FrameCorrupted> corrupted{network.engine.tracer()};
  std::map<PacketUid, std::vector<std::uint8_t>> originals;
  for (std::size_t i = 0; i < 2000; ++i) {
    const Packet frame = network.frame(500, static_cast<std::uint8_t>(i));
    originals[PacketUid{i + 1}] = {frame.bytes().begin(), frame.bytes().end()};
  }

  network.run();

  std::map<PacketUid, std::vector<std::uint32_t>> reported;
  double flips = 0;
  for (std::size_t i = 0; i < corrupted.bodies.size(); ++i) {
    reported[corrupted.events[i].uid] = corrupted.bodies[i].flipped_bits;
    flips += static_cast<double>(corrupted.bodies[i].flipped_bits.size());
  }
  EXPECT_NEAR(flips, kBits * 1e-4, 3.29 * std::sqrt(kBits * 1e-4));
  for (const FakeNode::Arrival& arrival : network.b.arrivals) {
    EXPECT_EQ(differing_bits(originals[arrival.uid], arrival.bytes), reported[arrival.uid]);
    EXPECT_EQ(physical::has_valid_fcs(arrival.bytes), reported[arrival.uid].empty());
  }
}

TEST(Truncate, OnlyTheBeginningOfExactlyThisFrameArrives) {
  FakeNetwork network{impaired(TruncateNth{{2, 3}, 70})};
  network.send_from_a(2, 200, 10us);
  network.a.send_at(kStart + 50us, network.frame(70));
  Collected<FrameSent> sent{network.engine.tracer()};
  Collected<FrameTruncated> truncated{network.engine.tracer()};
  Collected<FrameReceived> received{network.engine.tracer()};

  network.run();

  ASSERT_EQ(truncated.bodies.size(), 1U);  // the third is not longer
  EXPECT_EQ(truncated.bodies[0].sent_bytes, 200U);
  EXPECT_EQ(truncated.bodies[0].arriving_bytes, 70U);
  EXPECT_EQ(truncated.bodies[0].decision->model, "2nd frame");
  EXPECT_EQ(received.bodies[1].error, FrameError::crc);
  EXPECT_EQ(received.events[1].time, sent.bodies[1].last_bit_in);
  const Packet original = network.frame(200, 1);
  EXPECT_THAT(network.b.arrivals[1].bytes, ElementsAreArray(original.bytes().first(70)));
  EXPECT_EQ(network.a_to_b().truncated_frames, 1U);
}

TEST(Truncate, AShareOfTheFramesIsCutAnywhere) {
  FakeNetwork network{impaired(Truncate{*Probability::parse("10 %"), std::nullopt})};
  network.send_from_a(5000, 100, 10us);
  Collected<FrameTruncated> truncated{network.engine.tracer()};
  Collected<FrameReceived> received{network.engine.tracer()};

  network.run();

  // 500 of them, 99 lengths: within 3.29 standard deviations of the binomial and the uniform.
  const auto cut = static_cast<double>(truncated.bodies.size());
  EXPECT_NEAR(cut, 500, 3.29 * std::sqrt(5000 * 0.1 * 0.9));
  double sum = 0;
  for (const FrameTruncated& body : truncated.bodies) {
    sum += body.arriving_bytes;
    EXPECT_GE(body.arriving_bytes, 1U);
    EXPECT_LT(body.arriving_bytes, 100U);
  }
  EXPECT_NEAR(sum / cut, 50, 3.29 * std::sqrt(99.0 * 99 / 12 / cut));
  for (const FrameReceived& body : received.bodies) {
    const std::size_t bytes = body.frame.size();
    EXPECT_EQ(body.error, bytes == 100  ? FrameError::none
                          : bytes >= 64 ? FrameError::crc
                                        : FrameError::too_short);
  }
}

// ---- copies and delays ----

TEST(Duplicate, TheCopyIsANewPacketThatNamesItsOriginal) {
  FakeNetwork network{impaired(DuplicateNth{{2}, 1ms})};
  network.send_from_a(2, 64, 10us);
  Collected<FrameDuplicated> duplicated{network.engine.tracer()};

  network.run();

  ASSERT_EQ(network.b.arrivals.size(), 3U);
  const FakeNode::Arrival& original = network.b.arrivals[1];
  const FakeNode::Arrival& copy = network.b.arrivals[2];
  EXPECT_EQ(copy.bytes, original.bytes);
  EXPECT_NE(copy.uid, original.uid);
  EXPECT_EQ(copy.parent, original.uid);
  EXPECT_EQ(copy.parentage, Parentage::duplicate);
  EXPECT_EQ(copy.time, original.time + 1ms);
  ASSERT_EQ(duplicated.bodies.size(), 1U);
  EXPECT_EQ(duplicated.events[0].uid, original.uid);
  EXPECT_EQ(duplicated.bodies[0].copy, copy.uid);
}

TEST(Duplicate, CopiesItsShareOfTheFrames) {
  constexpr double kFrames = 20'000;
  FakeNetwork network{impaired(Duplicate{.probability = Probability::ratio(1, 20), .after = 1ms})};
  network.send_from_a(20'000, 64, 10us);

  network.run();

  const auto copies = static_cast<double>(network.a_to_b().duplicated_frames);
  // 99 % of binomial outcomes lie within 2.58 deviations.
  EXPECT_NEAR(copies, kFrames * 0.05, 2.58 * std::sqrt(kFrames * 0.05 * 0.95));
  EXPECT_EQ(static_cast<double>(network.b.arrivals.size()), kFrames + copies);
}

TEST(Duplicate, WithoutDelayTheCopyFollowsItsOriginalAtOnce) {
  FakeNetwork network{impaired(Duplicate{Probability::always()})};
  network.send_from_a(2, 64, 10us);

  network.run();

  EXPECT_THAT(received_numbers(network.b), ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(network.b.arrivals[0].time, network.b.arrivals[1].time);
}

TEST(Duplicate, CopiesPassThroughTheModelsBehind) {
  LinkConfig config = impaired(DuplicateNth{{1}});
  config.impairments.push_back({.model = DropNth{{2}}});
  FakeNetwork network{config};
  network.send_from_a(2, 64, 10us);
  Collected<Dropped> dropped{network.engine.tracer()};

  network.run();

  EXPECT_THAT(received_numbers(network.b), ElementsAre(0, 1));
  ASSERT_EQ(dropped.events.size(), 1U);
  EXPECT_EQ(dropped.events[0].parentage, Parentage::duplicate);
}

TEST(Duplicate, ACopyHasTheDamageDoneBeforeAndNotThatDoneAfter) {
  LinkConfig config = impaired(FlipBits{{1}, {8}});
  config.impairments.push_back({.model = DuplicateNth{{1}}});
  config.impairments.push_back({.model = FlipBits{{2}, {16}}});  // the second match is the copy
  FakeNetwork network{config};
  network.send_from_a(1, 64, 0ns);

  network.run();

  const Packet original = network.frame(64, 0);
  EXPECT_THAT(differing_bits(original.bytes(), network.b.arrivals.at(0).bytes), ElementsAre(8));
  EXPECT_THAT(differing_bits(original.bytes(), network.b.arrivals.at(1).bytes), ElementsAre(8, 16));
}

TEST(DelayNth, AFrameHeldBackIsOvertaken) {
  FakeNetwork network{impaired(DelayNth{{2}, 25us})};
  network.send_from_a(5, 64, 10us);
  Collected<FrameDelayed> delayed{network.engine.tracer()};

  network.run();

  EXPECT_THAT(received_numbers(network.b), ElementsAre(0, 2, 3, 1, 4));
  ASSERT_EQ(delayed.bodies.size(), 1U);
  EXPECT_EQ(delayed.bodies[0].extra, 25us);
  EXPECT_TRUE(delayed.bodies[0].reordered);
}

TEST(Reorder, HoldsBackItsShareOfTheFrames) {
  FakeNetwork network{impaired(Reorder{Probability::ratio(1, 10), 100us})};
  network.send_from_a(10'000, 64, 10us);

  network.run();

  EXPECT_EQ(network.b.arrivals.size(), 10'000U);
  EXPECT_NEAR(static_cast<double>(network.a_to_b().delayed_frames), 1000,
              3.29 * std::sqrt(10'000 * 0.1 * 0.9));
}

std::size_t inversions(const FakeNode& node) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < node.arrivals.size(); ++i) {
    count += raw(node.arrivals[i].uid) < raw(node.arrivals[i - 1].uid) ? 1U : 0U;
  }
  return count;
}

TEST(Jitter, KeepsTheOrderOfFramesUnlessItMayNot) {
  for (const bool keep_order : {true, false}) {
    FakeNetwork network{impaired(Jitter{JitterShape::exponential, 1ms, 0ns, keep_order})};
    network.send_from_a(1000, 64, 10us);

    network.run();

    EXPECT_EQ(network.b.arrivals.size(), 1000U);
    EXPECT_EQ(inversions(network.b) == 0, keep_order);
  }
}

TEST(Jitter, ReportsTheDelayThatReallyHappened) {
  FakeNetwork network{impaired(Jitter{JitterShape::exponential, 1ms, 0ns, true})};
  network.send_from_a(100, 64, 10us);
  Collected<FrameSent> sent{network.engine.tracer()};
  Collected<FrameDelayed> delayed{network.engine.tracer()};

  network.run();

  std::map<PacketUid, Duration> extra;
  for (std::size_t i = 0; i < delayed.bodies.size(); ++i) {
    extra[delayed.events[i].uid] = delayed.bodies[i].extra;
  }
  for (std::size_t i = 0; i < sent.bodies.size(); ++i) {
    EXPECT_EQ(network.b.arrivals[i].time,
              sent.bodies[i].last_bit_in + extra[network.b.arrivals[i].uid]);
  }
}

// ---- determinism ----

std::vector<ImpairmentConfig> every_model() {
  const Probability some = Probability::ratio(1, 10);
  return {{.model = Loss{some}},
          {.model = BurstLoss{.enter = some, .leave = Probability::ratio(1, 2)}},
          {.model = DropNth{{3, 7}}},
          {.model = DropBetween{}, .from = kStart + 300us, .until = kStart + 400us},
          {.model = BitErrors{*Probability::parse("1e-4")}},
          {.model = FlipBits{{5}, {1, 2, 3}}},
          {.model = Duplicate{some, 10us}},
          {.model = DuplicateNth{{4}, 0ns}},
          {.model = Reorder{some, 500us}},
          {.model = DelayNth{{6}, 1ms}},
          {.model = Jitter{JitterShape::normal, 100us, 50us, false}}};
}

std::vector<std::string> log_of_run(std::vector<ImpairmentConfig> impairments, std::uint64_t seed) {
  LinkConfig config = ten_megabit();
  config.impairments = std::move(impairments);
  FakeNetwork network{config, seed};
  EventLog log;
  network.engine.tracer().attach(log);
  network.send_from_a(300, 100, 50us);
  network.run();
  return log.lines;
}

TEST(Determinism, TheSameSeedGivesTheSameEvents) {
  const std::vector<std::string> once = log_of_run(every_model(), 11);

  EXPECT_GT(once.size(), 500U);
  EXPECT_EQ(once, log_of_run(every_model(), 11));
  EXPECT_NE(once, log_of_run(every_model(), 12));
}

TEST(Determinism, AddingAnotherModelDoesNotMoveTheLosses) {
  const LinkConfig alone = impaired(Loss{Probability::ratio(1, 5)});
  LinkConfig with_more = alone;
  with_more.impairments.insert(with_more.impairments.begin(),
                               {.model = Jitter{JitterShape::uniform, 1ms, 1ms, false}});
  with_more.impairments.push_back({.model = BitErrors{*Probability::parse("1e-4")}});

  EXPECT_EQ(fates(alone, 1000), fates(with_more, 1000));
}

TEST(Determinism, ASecondLossModelDrawsFromAStreamOfItsOwn) {
  LinkConfig twice = impaired(Loss{Probability::ratio(1, 5)});
  twice.impairments.push_back(twice.impairments[0]);
  FakeNetwork network{twice};
  network.send_from_a(100, 64, 10us);
  Collected<Dropped> dropped{network.engine.tracer()};

  network.run();

  std::set<std::string> streams;
  for (const Dropped& drop : dropped.bodies) streams.insert(drop.decision->stream);
  EXPECT_THAT(streams, ElementsAre("link/wire/a>b/loss#0", "link/wire/a>b/loss#1"));
}

// ---- conservation ----

// Random traffic both ways through `impairments`, the link failing now and then; the books must
// balance at every moment and nothing may be left over.
void expect_conservation(const std::vector<ImpairmentConfig>& impairments, std::uint64_t seed) {
  LinkConfig config{.rate_bps = 100'000'000, .delay = 200us, .queue = {.bytes_max = 20'000}};
  config.impairments = impairments;
  FakeNetwork network{config, seed};
  RandomStream random{seed, "traffic"};
  for (FakeNode* node : {&network.a, &network.b}) {
    Instant time = kStart;
    for (int i = 0; i < 400; ++i) {
      time += Duration{random.between(0, 100'000)};
      node->send_at(time, network.frame(64 + random.below(1455), 1));
    }
  }
  network.engine.set_link_up_at(network.link, false, kStart + 7ms);
  network.engine.set_link_up_at(network.link, true, kStart + 9ms);

  for (Instant until = kStart; until < kStart + 40ms; until += 250us) {
    network.run(until);
    ASSERT_THAT(network.engine.audit(), IsEmpty()) << "seed " << seed;
  }
  EXPECT_EQ(network.run().reason, StopReason::idle);
  EXPECT_THAT(network.engine.audit(), IsEmpty());
  EXPECT_EQ(network.engine.direction(network.link, Direction::a_to_b).frames_in_flight(), 0U);
  EXPECT_EQ(network.engine.pool().outstanding(), 0U);
  EXPECT_EQ(network.a_to_b().offered_frames, 400U);
  EXPECT_EQ(network.b.arrivals.size(), network.a_to_b().delivered_frames);
}

TEST(Conservation, HoldsUnderEachImpairment) {
  std::uint64_t seed = 100;
  for (const ImpairmentConfig& impairment : every_model())
    expect_conservation({impairment}, seed++);
}

TEST(Conservation, HoldsUnderAllImpairmentsTogether) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) expect_conservation(every_model(), seed);
}

TEST(Conservation, HoldsWithoutImpairments) { expect_conservation({}, 1); }

}  // namespace
}  // namespace strata::sim
