// SPDX-License-Identifier: MIT
// Dissectors of what a transport protocol carries: HTTP message heads, and data.
#include <fmt/format.h>

#include "stack/wire/dissector.h"
#include "stack/wire/http.h"

namespace strata::wire {
namespace {

// The first line of `text`, its terminator included; the rest of the text when it has none.
std::string_view line_of(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

std::string_view without_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text) shown += c >= 0x20 && c < 0x7f ? c : '.';
  return shown;
}

std::string problem_of(std::string_view head, bool is_response) {
  if (is_response) {
    const auto response = HttpResponse::parse(head);
    return response ? std::string{} : std::string{to_text(response.error())};
  }
  const auto request = HttpRequest::parse(head);
  return request ? std::string{} : std::string{to_text(request.error())};
}

}  // namespace

Inner dissect_http(DissectContext& context, Range range) {
  constexpr std::string_view kSection = "RFC 9112 2.1";
  LayerWriter layer(context, Protocol::http, range);
  const std::string_view text = as_text(context.bytes(range));
  const std::string start{printable(without_end(line_of(text)))};
  const bool is_response = text.starts_with("HTTP/");
  std::size_t done = 0;
  bool has_end = false;
  // The reader's own limit bounds the number of fields here as well.
  for (std::size_t lines = 0; done < text.size() && !has_end; ++lines) {
    if (lines > HttpLimits{}.fields_max + 1) {
      layer.set_problem(std::string{to_text(HttpError::too_many_fields)});
      break;
    }
    const std::string_view line = line_of(text.substr(done));
    const std::string_view content = without_end(line);
    has_end = content.empty() && line.ends_with('\n');
    std::string_view name = "field line";
    if (lines == 0) name = is_response ? "status line" : "request line";
    if (has_end) name = "end of head";
    const Range place{range.begin + done, range.begin + done + line.size()};
    DissectedField& field = layer.add_bytes(name, kSection, place, printable(content));
    if (!line.ends_with('\n')) field.note = "continues in the next segment";
    done += line.size();
  }
  layer.end_header(range.begin + done);
  layer.set_summary(start);
  if (has_end) layer.set_problem(problem_of(text.substr(0, done), is_response));
  if (context.network.quotes == 0) context.out.line += ": HTTP: " + start;
  return {Protocol::data, {range.begin + done, range.end}};
}

Inner dissect_data(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::data, range);
  const Bytes bytes = context.bytes(range);
  layer.add_bytes("payload", {}, range, preview(bytes)).abbreviation = "data.data";
  layer.set_summary(fmt::format("{} bytes", range.size()));
  return {};
}

}  // namespace strata::wire
