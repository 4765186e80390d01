// SPDX-License-Identifier: MIT
#include "tools/report/page.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

#include "stack/base/assert.h"
#include "tools/report/assets.h"
#include "tools/views/ladder.h"
#include "tools/views/text.h"

namespace strata::report {
namespace {

constexpr int kCompressionLevel = 6;
constexpr std::size_t kTextLinesMost = 2000;
constexpr std::size_t kTextColumns = 140;

std::string base64(std::string_view octets) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = at; i < at + 3; ++i) {
      group = (group << 8) | (i < octets.size() ? static_cast<std::uint8_t>(octets[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += at + i > octets.size() ? '=' : kDigits[(group >> (18 - 6 * i)) & 63U];
    }
  }
  return text;
}

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
  }
};

std::string gzip(std::string_view octets) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(kCompressionLevel));
  STRATA_ASSERT(compressor != nullptr);
  std::string compressed(libdeflate_gzip_compress_bound(compressor.get(), octets.size()), '\0');
  compressed.resize(libdeflate_gzip_compress(compressor.get(), octets.data(), octets.size(),
                                             compressed.data(), compressed.size()));
  STRATA_ASSERT(!compressed.empty());
  return compressed;
}

std::string verdicts(const scenario::RunOutcome& outcome) {
  if (outcome.expectations.empty()) return "";
  std::string items =
      "<p class=\"verdicts-title\" id=\"verdicts\">What should be true of this run, and whether it "
      "is:</p><ul class=\"verdicts\" aria-labelledby=\"verdicts\">";
  for (const scenario::ExpectationOutcome& expectation : outcome.expectations) {
    const std::string_view verdict = expectation.passed ? "passed" : "failed";
    items += fmt::format("<li class=\"{}\">{}", verdict, views::in_markup(expectation.written));
    if (!expectation.passed) {
      items += fmt::format(
          " (not so: {})",
          views::in_markup(expectation.problem.empty() ? expectation.actual : expectation.problem));
    }
    items += "</li>";
  }
  return items + "</ul>";
}

// What a scenario says about itself: an empty line begins a new paragraph, a line alone does not.
std::string paragraphs(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    if (end > 0)
      html += fmt::format("<p class=\"about\">{}</p>", views::in_markup(text.substr(0, end)));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return html;
}

// The ladder as text, at most so many lines.
std::string ladder_text(const trace::Recording& recording) {
  views::LadderSelection selection;
  if (recording.flows().size() == 1) selection.flow = 1;
  const views::Options options{.width = kTextColumns, .ascii = false, .color = false};
  const std::string text = views::ladder(recording, selection, options).render(options);
  std::size_t end = 0;
  for (std::size_t line = 0; line < kTextLinesMost && end != std::string::npos; ++line) {
    end = text.find('\n', end == 0 ? 0 : end + 1);
  }
  if (end == std::string::npos) return views::in_markup(text);
  return views::in_markup(text.substr(0, end)) + "\n... and more\n";
}

// Puts each part where the page has its @name@. Parts are never searched again, so that nothing in
// them can be taken for a name.
std::string filled(std::string_view page, const std::map<std::string_view, std::string>& parts) {
  std::string text;
  while (true) {
    const std::size_t begin = page.find('@');
    if (begin == std::string_view::npos) break;
    const std::size_t end = page.find('@', begin + 1);
    STRATA_ASSERT(end != std::string_view::npos);
    text += page.substr(0, begin);
    text += parts.at(page.substr(begin + 1, end - begin - 1));
    page.remove_prefix(end + 1);
  }
  return text.append(page);
}

std::string title_of(const Input& input) {
  const std::string& title = input.scenario.model.title;
  return title.empty() ? input.file : title;
}

// Where it comes from: with these, the same run can be had again.
std::string origin_of(const Input& input) {
  if (input.recording.is_inferred()) return input.file + " · a capture: much of this is inferred";
  return fmt::format("{} · seed {} · fingerprint {:016x}", input.file, input.scenario.model.seed,
                     input.outcome.figures.fingerprint.value_or(0));
}

// What the page reads; its octets are base64, so nothing in them can end the element.
std::string block(std::string_view id, std::string_view octets) {
  return fmt::format("<script type=\"application/gzip\" id=\"{}\">{}</script>\n", id,
                     base64(gzip(octets)));
}

std::string blocks(const Input& input, std::string_view run) {
  const Document document = document_of(input);
  return block(fmt::format("strata-document{}", run), document.json) +
         block(fmt::format("strata-octets{}", run), document.octets);
}

// `parts` without what all pages have: title, origin, about, verdicts, text, data.
std::string page(const std::string& generator, std::map<std::string_view, std::string> parts) {
  const Assets& own = assets();
  parts.insert({{"script-hash", std::string{own.script_hash}},
                {"style-hash", std::string{own.style_hash}},
                {"generator", views::in_markup(generator)},
                {"style", std::string{own.style}},
                {"script", std::string{own.script}}});
  return filled(own.page, parts);
}

}  // namespace

std::string html(const Input& input) {
  return page(
      input.generator,
      {{"title", views::in_markup(title_of(input))},
       {"origin", views::in_markup(fmt::format("{} · {}", input.generator, origin_of(input)))},
       {"about", paragraphs(input.scenario.model.about)},
       {"verdicts", verdicts(input.outcome)},
       {"text", ladder_text(input.recording)},
       {"data", blocks(input, "")}});
}

std::string html(const Pair& pair) {
  const std::string a = title_of(pair.a);
  const std::string b = title_of(pair.b);
  const std::string title = a == b ? a + ": two runs" : fmt::format("{} / {}", a, b);
  const std::string about = fmt::format("A: {}\n\nB: {}", origin_of(pair.a), origin_of(pair.b));
  return page(pair.a.generator, {{"title", views::in_markup(title)},
                                 {"origin", views::in_markup(pair.a.generator)},
                                 {"about", paragraphs(about)},
                                 {"verdicts", ""},
                                 {"text", views::in_markup(pair.text)},
                                 {"data", blocks(pair.a, "") + blocks(pair.b, "-b") +
                                              block("strata-comparison", pair.comparison)}});
}

}  // namespace strata::report
