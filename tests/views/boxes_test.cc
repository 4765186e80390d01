// SPDX-License-Identifier: MIT
// The boxes of frames that an independent dissector has read, of damaged ones and of noise, at
// every width: nothing is lost, nothing sticks out, every box closes.
#include "tools/views/boxes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <regex>

#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tests/wire/frames.h"

namespace strata::views {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Sample {
  std::string name;
  std::vector<std::uint8_t> frame;
};

std::vector<std::uint8_t> jumbo_frame() {
  std::vector<std::uint8_t> frame = wire::from_hex(wire::frames::kUdpHello);
  frame.resize(42);
  for (int i = 0; i < 9000; ++i) frame.push_back(static_cast<std::uint8_t>(i * 7));
  store_be16(frame.data() + 16, 9028 - 4);  // total length of the datagram: the FCS is not in it
  store_be16(frame.data() + 38, 9008 - 4);  // of UDP
  return frame;
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  for (const wire::frames::Named& known : wire::frames::kAll) {
    all.push_back({std::string{known.name}, wire::from_hex(known.hex)});
  }
  const std::vector<Sample> whole = all;
  for (const Sample& sample : whole) {
    for (const std::ptrdiff_t length : {1, 13, 17, 30, 40, 52}) {
      if (length >= std::ssize(sample.frame)) continue;
      all.push_back({fmt::format("{} cut to {}", sample.name, length),
                     {sample.frame.begin(), sample.frame.begin() + length}});
    }
  }
  std::mt19937 random(20260719);
  for (int i = 0; i < 200; ++i) {
    Sample sample = whole[random() % whole.size()];
    sample.name += fmt::format(", noise {}", i);
    for (int flips = 0; flips < 6; ++flips) {
      sample.frame[random() % sample.frame.size()] = static_cast<std::uint8_t>(random());
    }
    all.push_back(std::move(sample));
  }
  all.push_back({"jumbo", jumbo_frame()});
  return all;
}

std::vector<std::string> drawn(const Sample& sample, const Options& options,
                               std::size_t data_rows_max = 0) {
  BoxesInput input;
  input.frame = sample.frame;
  input.dissection = wire::dissect(input.frame);
  input.title = Text("#1");
  input.medium = "10 Mbit/s, manchester";
  input.rate_bps = 10'000'000;
  input.data_rows_max = data_rows_max;
  return test::split_lines(boxes(input, options).render(options));
}

struct ShownBytes {
  std::size_t offset = 0;
  std::vector<std::uint8_t> bytes;
};

// The bytes a line shows: "│ │ 000e 45 00   name".
std::optional<ShownBytes> bytes_of(const std::string& line) {
  static const std::regex pattern(
      "^(?:│ | )*([0-9a-f]{4,5}) ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: .*)?$");
  std::smatch match;
  if (!std::regex_match(line, match, pattern)) return std::nullopt;
  return ShownBytes{std::stoul(match[1].str(), nullptr, 16), wire::from_hex(match[2].str())};
}

std::vector<std::string> code_points(const std::string& line) {
  std::vector<std::string> points;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) {
      points.back() += c;
    } else {
      points.emplace_back(1, c);
    }
  }
  return points;
}

// Walks the drawing and follows which boxes are open. Nullopt when all is well.
std::optional<std::string> mistake_in_boxes(const std::vector<std::string>& lines,
                                            std::size_t width) {
  std::size_t depth = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {  // behind the title
    const std::vector<std::string> points = code_points(lines[i]);
    const auto wrong = [&](std::string_view what) {
      return fmt::format("line {}: {}: {}", i, what, lines[i]);
    };
    if (points.size() != width) return wrong("does not reach from border to border");
    const bool closes = depth > 0 && points[2 * (depth - 1)] == "└";
    const std::size_t borders = closes ? depth - 1 : depth;
    for (std::size_t box = 0; box < borders; ++box) {
      if (points[2 * box] != "│" || points[width - 1 - 2 * box] != "│") {
        return wrong("a border is missing");
      }
    }
    if (closes) {
      --depth;
      if (points[width - 1 - 2 * depth] != "┘") return wrong("closes on one side only");
    } else if (points[2 * depth] == "┌") {
      if (points[width - 1 - 2 * depth] != "┐") return wrong("opens on one side only");
      ++depth;
    }
  }
  return depth == 0 ? std::nullopt : std::optional<std::string>{"a box stays open"};
}

TEST(Boxes, ShowEveryByteOnceAndInOrder) {
  for (const Sample& sample : samples()) {
    for (const std::size_t width : kWidths) {
      std::vector<std::uint8_t> shown;
      for (const std::string& line : drawn(sample, {.width = width})) {
        const auto bytes = bytes_of(line);
        if (!bytes) continue;
        ASSERT_EQ(bytes->offset, shown.size()) << sample.name << " at " << width << "\n" << line;
        shown.insert(shown.end(), bytes->bytes.begin(), bytes->bytes.end());
      }
      ASSERT_EQ(shown, sample.frame) << sample.name << " at " << width;
    }
  }
}

TEST(Boxes, NeverStickOutOfTheTerminal) {
  for (const Sample& sample : samples()) {
    for (const std::size_t width : kWidths) {
      for (const std::string& line : drawn(sample, {.width = width})) {
        ASSERT_LE(columns(line), width) << sample.name << "\n" << line;
      }
    }
  }
}

TEST(Boxes, CloseAndAlign) {
  for (const Sample& sample : samples()) {
    for (const std::size_t width : {80U, 100U, 140U}) {
      const auto lines = drawn(sample, {.width = width}, 8);
      ASSERT_EQ(mistake_in_boxes(lines, width), std::nullopt)
          << sample.name << "\n"
          << fmt::format("{}", fmt::join(lines, "\n"));
    }
  }
}

TEST(Boxes, AsciiHasTheSameLayoutInSevenBits) {
  for (const Sample& sample : samples()) {
    for (const std::size_t width : kWidths) {
      const auto unicode = drawn(sample, {.width = width});
      const auto ascii = drawn(sample, {.width = width, .ascii = true});
      ASSERT_EQ(unicode.size(), ascii.size());
      for (std::size_t i = 0; i < ascii.size(); ++i) {
        ASSERT_EQ(ascii[i].size(), columns(unicode[i])) << sample.name << "\n" << ascii[i];
        ASSERT_TRUE(std::all_of(ascii[i].begin(), ascii[i].end(), [](char c) { return c > 0; }));
      }
    }
  }
}

TEST(Boxes, SayHowManyBytesTheyLeaveOut) {
  const Sample jumbo{"jumbo", jumbo_frame()};
  for (const std::size_t width : kWidths) {
    std::size_t shown = 0;
    std::size_t left_out = 0;
    for (const std::string& line : drawn(jumbo, {.width = width}, 2)) {
      if (const auto bytes = bytes_of(line)) shown += bytes->bytes.size();
      std::smatch match;
      if (std::regex_search(line, match, std::regex("⋮ ([0-9]+) more bytes"))) {
        left_out += std::stoul(match[1].str());
      }
    }
    EXPECT_GT(left_out, 8000U);
    EXPECT_EQ(shown + left_out, jumbo.frame.size()) << width;
  }
}

TEST(Boxes, NeverBreakAFieldNameInsideAWord) {
  for (const Sample& sample : samples()) {
    const wire::Dissection dissection = wire::dissect(sample.frame);
    for (const std::size_t width : kWidths) {
      const std::string text = fmt::format("{}", fmt::join(drawn(sample, {.width = width}), "\n"));
      for (const wire::DissectedLayer& layer : dissection.layers) {
        if (layer.protocol == Protocol::data || layer.protocol == Protocol::padding) continue;
        for (const wire::DissectedField& field : layer.fields) {
          std::string word;
          for (const char c : std::string{field.name} + " ") {
            if (c != ' ' && c != '/') {
              word += c;
            } else if (field.bit_width > 0) {
              ASSERT_THAT(text, HasSubstr(word)) << sample.name << " at " << width;
              word.clear();
            }
          }
        }
      }
    }
  }
}

TEST(Boxes, ShowTheLinesOfAnHttpRequestAsFields) {
  const Sample request{"http", wire::from_hex(wire::frames::kHttpRequest)};
  const std::string text = fmt::format("{}", fmt::join(drawn(request, {.width = 100}), "\n"));
  EXPECT_THAT(text, HasSubstr("request line"));
  EXPECT_THAT(text, HasSubstr("Host"));
}

TEST(Boxes, MarkFlippedBitsAndTheBrokenChecksum) {
  Sample sample{"tcp", wire::from_hex(wire::frames::kTcpData)};
  sample.frame[0x42] ^= 0x10;
  BoxesInput input;
  input.frame = sample.frame;
  input.dissection = wire::dissect(input.frame);
  input.flipped_bits = {0x42 * 8 + 3};
  const std::string text = boxes(input, {}).render({});
  EXPECT_THAT(text, HasSubstr("78↯"));
  EXPECT_THAT(text, HasSubstr("✗"));
}

TEST(Boxes, ACollapsedBoxKeepsItsTitle) {
  const std::vector<std::uint8_t> frame = wire::from_hex(wire::frames::kTcpData);
  BoxesInput input;
  input.frame = frame;
  input.dissection = wire::dissect(input.frame);
  input.collapsed = {Protocol::ipv4};
  const std::string text = boxes(input, {}).render({});
  EXPECT_THAT(text, HasSubstr("IPv4"));
  EXPECT_THAT(text, Not(HasSubstr("time to live")));
  EXPECT_THAT(text, HasSubstr("source port"));
}

}  // namespace
}  // namespace strata::views
