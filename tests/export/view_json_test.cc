// SPDX-License-Identifier: MIT
// The JSON of the views against its schema and against the views themselves, for every scenario.
#include "tools/export/view_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sim/trace/words.h"
#include "tests/scenario/schema_check.h"
#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tools/views/ladder.h"

namespace strata::exports {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// What is wrong with the JSON of a view, by the schema that the documentation shows.
std::vector<std::string> check(const Json& json) {
  // Of the alternatives the one the view names: then complaints say what is wrong with it.
  static std::map<std::string, Json> schemas;
  const std::string view = json["view"];
  Json& schema = schemas[view];
  if (schema.is_null()) {
    schema = Json::parse(test::read_file(test::source_root() / "docs" / "views.schema.json"));
    schema.erase("oneOf");
    schema["$ref"] = "#/$defs/" + view;
  }
  return testing_support::check_schema(schema, json);
}

// A few flows and packets of each run: every kind of a view is among them.
void check_flow_views(const trace::Recording& recording) {
  for (const trace::Flow& flow : recording.flows()) {
    if (flow.number > 2) break;
    EXPECT_THAT(check(states_json(recording, {.flow = flow.number})), IsEmpty());
    EXPECT_THAT(check(stream_json(recording, {.flow = flow.number})), IsEmpty());
    for (const views::Figure figure :
         {views::Figure::window, views::Figure::sequence, views::Figure::rtt, views::Figure::rate,
          views::Figure::queue}) {
      EXPECT_THAT(check(plot_json(recording, {.figure = figure, .flow = flow.number})), IsEmpty());
    }
  }
}

void check_packet_views(const trace::Recording& recording, PacketUid uid) {
  EXPECT_THAT(check(path_json(recording, uid)), IsEmpty());
  EXPECT_THAT(check(why_json(recording, uid)), IsEmpty());
  EXPECT_THAT(check(diff_json(recording, uid)), IsEmpty());
  EXPECT_THAT(check(header_json(recording, {.uid = uid})), IsEmpty());
  if (const auto wave = views::waveform_of(recording, {.uid = uid})) {
    EXPECT_THAT(check(waveform_json(recording, uid, *wave)), IsEmpty());
  }
  if (const auto image = views::packet_image(recording, uid, std::nullopt)) {
    EXPECT_THAT(check(packet_json(recording, *image)), IsEmpty());
  }
}

// Only the first and last of a long list, so that the check does not take minutes.
Json thinned(Json json, const char* list) {
  Json few = Json::array();
  const Json& all = json[list];
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < 100 || i + 50 > all.size()) few.push_back(all[i]);
  }
  json[list] = std::move(few);
  return json;
}

Json ladder_of(const trace::Recording& recording, std::optional<std::uint32_t> flow) {
  return ladder_json(recording, {.flow = flow});
}

TEST(ViewJson, OfEveryScenarioIsAsItsSchemaSays) {
  for (const views::RecordedRun& run : views::recorded_runs()) {
    SCOPED_TRACE(run.file);
    const trace::Recording& recording = run.recording;
    // Of long runs the beginning.
    const Instant until = raw(recording.last_uid()) > 1000 ? kStart + 100ms : kNever;
    EXPECT_THAT(check(thinned(ladder_json(recording, {.until = until}), "rows")), IsEmpty());
    if (!recording.flows().empty()) {
      const Json flow = ladder_json(recording, {.flow = 1, .until = until});
      EXPECT_THAT(check(thinned(flow, "rows")), IsEmpty());
    }
    EXPECT_THAT(check(thinned(demux_json(recording, kNoPacket, kNoNode), "decisions")), IsEmpty());
    EXPECT_THAT(check(thinned(log_json(recording, {.until = until}), "lines")), IsEmpty());
    for (const Json& table :
         {arp_json(recording, recording.end(), kNoNode),
          fdb_json(recording, recording.end(), kNoNode), routes_json(recording, kStart, kNoNode)}) {
      EXPECT_THAT(check(table), IsEmpty());
    }
    // The checker takes its time over the samples of a long run.
    if (recording.events().size() < 5000) check_flow_views(recording);
    const std::uint64_t step = std::max<std::uint64_t>(1, raw(recording.last_uid()) / 8);
    for (std::uint64_t number = 1; number <= raw(recording.last_uid()); number += step) {
      if (recording.packet(PacketUid{number}).uid != kNoPacket) {
        check_packet_views(recording, PacketUid{number});
      }
    }
  }
}

TEST(ViewJson, WhyNamesWhatProvokedARetransmissionAndWhatItRepeats) {
  const trace::Recording& recording = views::recording_of("loss/fast-retransmit");
  const Json ladder = ladder_of(recording, 1);
  const auto again =
      std::find_if(ladder["rows"].begin(), ladder["rows"].end(), [](const Json& row) {
        return !row["segment"].is_null() && row["segment"]["kind"] == "retransmission";
      });
  ASSERT_NE(again, ladder["rows"].end());
  const Json why = why_json(recording, PacketUid{(*again)["uid"].get<std::uint64_t>()});
  std::map<std::string, Json> below;
  for (const Json& child : why["cause"]["children"]) below[child["relation"]] = child;
  EXPECT_EQ(below["original"]["uid"], (*again)["segment"]["retransmission_of"]);
  EXPECT_EQ(below["because"]["node"], "client");
}

TEST(ViewJson, TheLevelsOfAWaveformCarryItsOctets) {
  const trace::Recording& recording = views::recording_of("layering-manchester");
  const auto wave = views::waveform_of(recording, {.uid = PacketUid{1}, .first = 12, .last = 13});
  ASSERT_TRUE(wave.has_value());
  const Json json = waveform_json(recording, PacketUid{1}, *wave);
  EXPECT_EQ(json["octets"], "0800");
  // IEEE 802.3 7.3.1.1: a one is low, then high; least significant bit first.
  std::string bits;
  for (std::size_t i = 0; i + 1 < json["levels"].size(); i += 2) {
    bits += json["levels"][i] == -1 && json["levels"][i + 1] == 1 ? '1' : '0';
  }
  EXPECT_EQ(bits, "0001000000000000");
}

TEST(ViewJson, LadderHasTheRowsOfTheTerminalsLadder) {
  const trace::Recording& recording = views::recording_of("loss/fast-retransmit");
  const views::Options wide{.width = 400};
  const std::vector<std::string> lines =
      views::lines_of(views::ladder(recording, {.flow = 1, .fold = false}, wide), wide);
  const Json json = ladder_of(recording, 1);
  ASSERT_FALSE(json["rows"].empty());
  for (const Json& row : json["rows"]) {
    const std::string number = " #" + std::to_string(row["uid"].get<std::uint64_t>()) + " ";
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const std::string& candidate) {
      return candidate.find(number) != std::string::npos;
    });
    ASSERT_NE(line, lines.end()) << number;
    EXPECT_THAT(*line, HasSubstr(row["label"].get<std::string>()));
    if (!row["drop"].is_null()) {
      EXPECT_EQ(row["drop"]["reason"], to_text(DropReason::chosen));
      EXPECT_THAT(*line, HasSubstr(std::string{words_of(DropReason::chosen)}));
    }
    if (!row["opener"].is_null()) {
      EXPECT_THAT(*line,
                  HasSubstr(std::to_string(row["opener"]["cwnd_bytes"].get<std::uint32_t>())));
    }
  }
}

TEST(ViewJson, ARowKnowsWhatWasRetransmittedAndWhatBecameOfTheFirst) {
  const Json json = ladder_of(views::recording_of("loss/fast-retransmit"), 1);
  std::size_t retransmissions = 0;
  for (const Json& row : json["rows"]) {
    if (row["segment"].is_null() || row["segment"]["kind"] != "retransmission") continue;
    ++retransmissions;
    const Json& first = row["segment"]["retransmission_of"];
    const auto original =
        std::find_if(json["rows"].begin(), json["rows"].end(),
                     [&](const Json& candidate) { return candidate["uid"] == first; });
    ASSERT_NE(original, json["rows"].end());
    EXPECT_EQ((*original)["segment"]["offset"], row["segment"]["offset"]);
    EXPECT_EQ((*original)["drop"]["layer"], "physical");
  }
  EXPECT_GE(retransmissions, 1U);
}

TEST(ViewJson, ThePathOfAPacketLeavesEachNodeBeforeItReachesTheNext) {
  views::for_each_packet(views::recording_of("routing/two-paths"), [](PacketUid uid) {
    const Json json = path_json(views::recording_of("routing/two-paths"), uid);
    std::int64_t last = 0;
    for (const Json& visit : json["visits"]) {
      if (!visit["arrived_ns"].is_null()) {
        EXPECT_GE(visit["arrived_ns"].get<std::int64_t>(), last);
        last = visit["arrived_ns"];
      }
    }
    for (const Json& hop : json["hops"]) {
      EXPECT_EQ(hop["frame"].get<std::string>().size(), 2 * hop["frame_bytes"].get<std::size_t>());
    }
  });
}

TEST(ViewJson, SocketsOfAListenerCountConnectionsAndOfAConnectionOctets) {
  analysis::HostSockets host{.host = "server", .addresses = {}, .sockets = {}};
  socket::SocketInfo listener;
  listener.fd = 3;
  listener.state = "LISTEN";
  listener.send_queue = 8;
  host.sockets.push_back(listener);
  socket::SocketInfo connection;
  connection.state = "TIME-WAIT";
  connection.tcp.emplace();
  connection.tcp->cwnd = 14600;
  host.sockets.push_back(connection);

  const Json json = sockets_json({host}, kStart + 22ms);

  EXPECT_THAT(check(json), IsEmpty());
  EXPECT_EQ(json["t_ns"], 22'000'000);
  const Json& sockets = json["hosts"][0]["sockets"];
  EXPECT_EQ(sockets[0]["backlog"], 8);
  EXPECT_TRUE(sockets[0]["tcp"].is_null());
  EXPECT_TRUE(sockets[1]["fd"].is_null());
  EXPECT_EQ(sockets[1]["tcp"]["cwnd_bytes"], 14600);
}

}  // namespace
}  // namespace strata::exports
