// SPDX-License-Identifier: MIT
// Requests for views, in words.
#include "sim/scenario/show.h"

namespace strata::scenario {
namespace {

std::string error_of(const Parsed<ShowRequest>& parsed) {
  return parsed ? "no mistake" : parsed.error().what + "; " + parsed.error().mend;
}

TEST(Show, APacketIsNamedByNumberOrByWhatItIs) {
  const auto data = parse_show("path of data 3");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->view, View::path);
  EXPECT_EQ(data->packet, (PacketSelector{PacketKind::data, 3}));
  const auto uid = parse_show("packet of uid 41 link access");
  ASSERT_TRUE(uid);
  EXPECT_EQ(uid->packet, (PacketSelector{PacketKind::uid, 41}));
  EXPECT_EQ(uid->link, "access");
}

TEST(Show, ClausesMayBeCombined) {
  const auto request = parse_show("demux of syn 1 of flow 2 on server");
  ASSERT_TRUE(request) << error_of(request);
  EXPECT_EQ(request->flow, 2U);
  EXPECT_EQ(request->node, "server");
  EXPECT_EQ(request->packet, (PacketSelector{PacketKind::syn, 1}));
}

TEST(Show, InstantsAreWrittenWithOrWithoutABlank) {
  for (const std::string_view text : {"sockets at 40 ms", "sockets at 40ms"}) {
    const auto request = parse_show(text);
    ASSERT_TRUE(request) << error_of(request);
    EXPECT_EQ(request->at, kStart + 40ms);
  }
  const auto ladder = parse_show("ladder from 10 ms until 1 s");
  ASSERT_TRUE(ladder) << error_of(ladder);
  EXPECT_EQ(ladder->from, kStart + 10ms);
  EXPECT_EQ(ladder->until, kStart + 1s);
}

TEST(Show, MistakesSayWhatToWrite) {
  EXPECT_EQ(error_of(parse_show("lader")), "there is no view 'lader'; did you mean 'ladder'?");
  EXPECT_EQ(error_of(parse_show("path")),
            "'path' shows one packet; say which, for instance 'path of data 1'");
  EXPECT_EQ(error_of(parse_show("path of data")),
            "something is missing behind 'of data'; write for instance 'of data 3'");
  EXPECT_EQ(error_of(parse_show("path of data 0")),
            "'0' is not the number of a packet; they count from 1");
  EXPECT_EQ(error_of(parse_show("path off data 3")),
            "'off' is not understood here; did you mean 'of'?");
  EXPECT_EQ(error_of(parse_show("sockets at")),
            "something is missing behind 'at'; write for instance 'at 40 ms'");
  EXPECT_EQ(error_of(parse_show("ladder of flow x")),
            "'x' is not the number of a flow; flows count from 1");
  EXPECT_EQ(error_of(parse_show("packet of data 1 of uid 3")),
            "the packet is chosen twice; keep one of the two");
  EXPECT_EQ(error_of(parse_show("ladder from 2 s until 1 s")),
            "the end lies before the beginning; exchange the two");
}

TEST(Show, AViewRefusesTheClausesOfOthers) {
  EXPECT_EQ(error_of(parse_show("ladder code nrz")),
            "'ladder' takes no 'code'; it takes: flow, from, until");
  EXPECT_EQ(error_of(parse_show("ladder of data 3")),
            "'ladder' takes no 'packet'; it takes: flow, from, until");
  EXPECT_EQ(error_of(parse_show("arp of flow 1")), "'arp' takes no 'flow'; it takes: at, on");
  EXPECT_EQ(error_of(parse_show("summary at 1 s")), "'summary' takes no 'at'; leave it out");
}

}  // namespace
}  // namespace strata::scenario
