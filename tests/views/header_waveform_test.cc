// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/physical/framing.h"
#include "stack/physical/line_code.h"
#include "stack/wire/dissect.h"
#include "tests/views/runs.h"
#include "tools/views/header.h"
#include "tools/views/waveform.h"

namespace strata::views {
namespace {

using physical::LineCodeKind;
using testing::HasSubstr;

PacketUid first_data(const trace::Recording& recording) {
  for (const Event& event : recording.events()) {
    const auto* sent = std::get_if<TcpSegmentSent>(&event.body);
    if (sent != nullptr && sent->kind == SegmentKind::data) return event.uid;
  }
  ADD_FAILURE() << "no data";
  return kNoPacket;
}

// The diagram of RFC 9293 3.1, with the values of one segment; spacing is that of the RFC.
TEST(Header, OfTcpIsTheOneOfTheRfc) {
  const trace::Recording& recording = recording_of("transport/handshake-and-close");
  const Options options{.width = 80};
  const auto lines = lines_of(
      header(recording, {.uid = first_data(recording), .protocol = Protocol::tcp}, options),
      options);

  ASSERT_GT(lines.size(), 17U);
  EXPECT_EQ(lines[3], " 0                   1                   2                   3");
  EXPECT_EQ(lines[4], " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1");
  EXPECT_THAT(lines[6],
              HasSubstr("|          source port          |       destination port        |"));
  EXPECT_THAT(lines[9], HasSubstr("sequence number"));
  EXPECT_THAT(lines[15], HasSubstr("| data  | Rsrvd |C|E|U|A|P|R|S|F|"));
  EXPECT_THAT(lines[16], HasSubstr("|offset |"));
  EXPECT_THAT(lines[17], HasSubstr("|0|0|0|1|1|0|0|0|"));
}

TEST(Header, RowsAreAsWideAsTheirBitsAndCloseOnBothSides) {
  for (const RecordedRun& run : recorded_runs()) {
    std::uint64_t seen = 0;
    for_each_packet(run.recording, [&](PacketUid uid) {
      if (++seen > 12) return;
      for (const auto& [width, row] :
           {std::pair{60U, 49U}, {80U, 65U}, {100U, 97U}, {140U, 129U}}) {
        const Options options{.width = width};
        for (const std::string& line :
             lines_of(header(run.recording, {.uid = uid}, options), options)) {
          if (line.empty() || line.front() != '|') continue;
          EXPECT_EQ(line.back(), '|') << run.file << "\n" << line;
          EXPECT_LE(columns(line), row) << run.file << "\n" << line;
        }
      }
    });
  }
}

TEST(Header, ShowsTheValueOfEveryFieldOfTheFixedPart) {
  const trace::Recording& recording = recording_of("transport/handshake-and-close");
  const PacketUid uid = first_data(recording);
  const std::string text = header(recording, {.uid = uid}, {.width = 140}).render({.width = 140});
  for (const wire::DissectedLayer& layer : wire::dissect(recording.frame(uid)).layers) {
    if (layer.protocol != Protocol::ipv4 && layer.protocol != Protocol::tcp) continue;
    for (const wire::DissectedField& field : layer.fields) {
      if (field.bit_width < 16 || field.bit_width > 32) continue;
      EXPECT_THAT(text, HasSubstr(field.value)) << field.name;
    }
  }
}

// The levels of a picture, read back from it: which row has the line in each symbol.
physical::Symbols read_back(const std::vector<std::string>& lines, std::size_t symbols_each,
                            std::string& bits) {
  constexpr std::size_t kMargin = 6;
  physical::Symbols symbols;
  std::vector<std::pair<int, std::string>> rows;
  const auto glyph_at = [](const std::string& line, std::size_t column) {
    std::size_t i = 0;
    for (std::size_t c = 0; i < line.size(); ++i) {
      if ((static_cast<unsigned char>(line[i]) & 0xc0) == 0x80) continue;
      if (c++ == column) break;
    }
    std::size_t end = i + 1;
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) ++end;
    return i < line.size() ? line.substr(i, end - i) : std::string{};
  };
  std::size_t octets = 0;
  const auto finish = [&] {
    for (std::size_t i = 0; i < octets * symbols_each; ++i) {
      for (const auto& [level, line] : rows) {
        // The second column of a symbol is behind its edge.
        if (glyph_at(line, kMargin + 2 * i) == "─") {
          symbols.push_back(static_cast<std::int8_t>(level));
        }
      }
    }
    rows.clear();
    octets = 0;
  };
  for (const std::string& line : lines) {
    if (line.starts_with("octet")) {
      finish();
      octets = static_cast<std::size_t>(std::count(line.begin(), line.end(), ':'));
    } else if (line.starts_with("bit")) {
      for (const char c : line) {
        if (c == '0' || c == '1') bits += c;
      }
    } else if (line.starts_with("+1")) {
      rows.emplace_back(1, line);
    } else if (line.starts_with("0 ")) {
      rows.emplace_back(0, line);
    } else if (line.starts_with("-1")) {
      rows.emplace_back(-1, line);
    }
  }
  finish();
  return symbols;
}

TEST(Waveform, IsWhatTheLineCodeMakesOfTheOctets) {
  const trace::Recording& recording = recording_of("transport/handshake-and-close");
  const PacketUid uid = first_data(recording);
  const Bytes frame = recording.frame(uid);
  constexpr std::size_t kFirst = 12;
  constexpr std::size_t kLast = 20;
  std::string expected_bits;
  for (std::size_t i = kFirst; i <= kLast; ++i) {
    for (int bit = 0; bit < 8; ++bit) expected_bits += (frame[i] >> bit & 1) != 0 ? '1' : '0';
  }
  for (const auto& [code, each, before] : {std::tuple{LineCodeKind::nrz, 8U, 0U},
                                           {LineCodeKind::nrzi, 8U, 0U},
                                           {LineCodeKind::manchester, 16U, 0U},
                                           {LineCodeKind::mlt3, 10U, 5U}}) {
    const physical::Symbols all = physical::encode(code, physical::with_preamble(frame));
    const auto begin = all.begin() + before + (8 + kFirst) * each;
    const physical::Symbols expected(begin, begin + (kLast - kFirst + 1) * each);
    for (const std::size_t width : {60U, 80U, 140U}) {
      const Options options{.width = width};
      std::string bits;
      const auto lines = lines_of(
          waveform(recording, {.uid = uid, .first = kFirst, .last = kLast, .code = code}, options),
          options);
      EXPECT_EQ(read_back(lines, each, bits), expected)
          << physical::to_text(code) << " width " << width;
      EXPECT_EQ(bits, expected_bits);
    }
  }
}

TEST(Waveform, IsInTheLineCodeOfItsLink) {
  const trace::Recording& recording = recording_of("encapsulation/layering-nrz");
  const std::string text = waveform(recording, {.uid = first_data(recording)}, {}).render({});
  EXPECT_THAT(text, HasSubstr("NRZ on "));
}

TEST(Waveform, OfOctetsBeyondTheFrameSaysHowLongItIs) {
  const trace::Recording& recording = recording_of("encapsulation/layering-nrz");
  const std::string text =
      waveform(recording, {.uid = first_data(recording), .first = 9000, .last = 9001}, {})
          .render({});
  EXPECT_THAT(text, HasSubstr("the frame has only"));
}

}  // namespace
}  // namespace strata::views
