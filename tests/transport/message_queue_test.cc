// SPDX-License-Identifier: MIT
#include "stack/transport/message_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace strata::transport {
namespace {

const Endpoint kSender{Ipv4Address{10, 0, 0, 2}, 53};

class MessageQueueTest : public ::testing::Test {
 protected:
  void push(std::string_view text) {
    queue_.push(pool_.make(as_bytes(text)), {.from = kSender, .ttl = 63});
  }
  Result<Received> receive(std::size_t room, bool peek = false) {
    return queue_.receive(MutableBytes{buffer_}.first(room), peek);
  }
  std::string text(std::size_t size) const {
    return std::string{as_text(Bytes{buffer_}.first(size))};
  }

  PacketPool pool_;
  MessageQueue queue_;
  std::array<std::uint8_t, 64> buffer_{};
};

TEST_F(MessageQueueTest, GivesOneDatagramPerCallInOrder) {
  push("one");
  push("three");

  EXPECT_EQ(receive(64)->bytes, 3U);
  EXPECT_EQ(text(3), "one");
  EXPECT_EQ(receive(64)->bytes, 5U);
  EXPECT_EQ(text(5), "three");
  EXPECT_EQ(receive(64).error(), Errc::would_block);
}

TEST_F(MessageQueueTest, CutsADatagramToTheBufferAndTellsItsSize) {
  push("truncated");
  push("next");

  const auto received = receive(4);

  EXPECT_EQ(received->bytes, 4U);
  EXPECT_EQ(received->datagram, 9U);
  EXPECT_EQ(receive(64)->datagram, 4U);
}

TEST_F(MessageQueueTest, LeavesADatagramThatIsOnlyPeekedAt) {
  push("same");

  EXPECT_EQ(receive(2, true)->bytes, 2U);
  EXPECT_EQ(receive(64)->bytes, 4U);
  EXPECT_EQ(text(4), "same");
}

TEST_F(MessageQueueTest, KeepsAnEmptyDatagramApartFromNone) {
  push("");

  EXPECT_TRUE(queue_.has_message());
  EXPECT_EQ(receive(64)->bytes, 0U);
  EXPECT_FALSE(queue_.has_message());
}

TEST_F(MessageQueueTest, HasNoRoomBeyondItsOctetsUnlessEmpty) {
  queue_.set_bytes_max(6);
  EXPECT_TRUE(queue_.has_room(100));
  push("four");

  EXPECT_TRUE(queue_.has_room(2));
  EXPECT_FALSE(queue_.has_room(3));
}

TEST_F(MessageQueueTest, HasNoRoomBeyondItsNumberOfDatagrams) {
  for (std::size_t i = 0; i < MessageQueue::kMessagesMax; ++i) push("");

  EXPECT_FALSE(queue_.has_room(0));
}

TEST_F(MessageQueueTest, ReportsAPendingErrorOnceAndBeforeData) {
  push("data");
  queue_.set_error(Errc::connection_refused);

  EXPECT_EQ(receive(64).error(), Errc::connection_refused);
  EXPECT_EQ(receive(64)->bytes, 4U);
}

TEST_F(MessageQueueTest, BoundsTheErrorQueueByLosingTheNewest) {
  for (std::uint8_t i = 0; i < 100; ++i) queue_.push_report({.code = i});

  for (std::uint8_t i = 0; i < 64; ++i) EXPECT_EQ(queue_.take_report()->code, i);
  EXPECT_FALSE(queue_.take_report().has_value());
}

}  // namespace
}  // namespace strata::transport
