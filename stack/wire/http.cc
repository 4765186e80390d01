// SPDX-License-Identifier: MIT
#include "stack/wire/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "stack/base/ascii.h"
#include "stack/base/assert.h"

namespace strata::wire {
namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";
constexpr std::size_t kStartLineBytesMax = 8192;  // looked at when recognising a payload

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

// tchar, RFC 9110 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto is_tchar = [&](char c) {
    const char lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_tchar);
}

// A field value or reason phrase: visible characters, blanks and obs-text (RFC 9110 5.5).
bool is_field_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == '\t' || (octet >= 0x20 && octet != 0x7f);
  });
}

// RFC 3986: a request target has neither blanks nor controls nor octets beyond ASCII.
bool is_target(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the first line off `text`, without its CRLF (or LF, RFC 9112 2.2).
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

template <typename Visit>
void for_each_element(std::string_view list, Visit visit) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trim(list.substr(0, comma));
    if (!element.empty()) visit(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// "HTTP/1.1": the minor version (RFC 9112 2.3; the name is case-sensitive).
HttpParsed<std::uint8_t> parse_version(std::string_view text) {
  const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                           text[6] == '.' && is_digit(text[7]);
  if (!well_formed) return tl::unexpected(HttpError::bad_start_line);
  if (text[5] != '1') return tl::unexpected(HttpError::unsupported_version);
  return static_cast<std::uint8_t>(text[7] - '0');
}

// The field lines up to the empty line. Folded lines are joined by a blank if `unfold`.
HttpParsed<HttpFields> parse_fields(std::string_view text, const HttpLimits& limits, bool unfold) {
  std::vector<HttpFields::Line> lines;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    if (is_blank(line.front())) {
      // RFC 9112 5.2: a server MUST reject a folded line, a user agent replaces the fold by blanks.
      if (!unfold || lines.empty() || !is_field_text(line)) {
        return tl::unexpected(HttpError::bad_field);
      }
      std::string& value = lines.back().value;
      const std::string_view more = trim(line);
      if (!value.empty() && !more.empty()) value += ' ';
      value.append(more);
      continue;
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    // RFC 9112 5.1: no whitespace between name and colon; a token has none.
    if (colon == std::string_view::npos || !is_token(name)) {
      return tl::unexpected(HttpError::bad_field);
    }
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_field_text(value)) return tl::unexpected(HttpError::bad_field);
    if (lines.size() == limits.fields_max) return tl::unexpected(HttpError::too_many_fields);
    lines.push_back({std::string{name}, std::string{value}});
  }
  HttpFields fields;
  for (HttpFields::Line& line : lines) fields.add(std::move(line.name), std::move(line.value));
  return fields;
}

void append_fields(std::string& head, const HttpFields& fields) {
  for (const HttpFields::Line& line : fields) {
    head.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  head.append("\r\n");
}

// RFC 9112 6.3 rule 5: one decimal number, or a list of the same number over and over.
HttpParsed<std::uint64_t> content_length(const HttpFields& fields) {
  std::optional<std::uint64_t> length;
  bool valid = true;
  for (const HttpFields::Line& line : fields) {
    if (!equal_ignoring_case(line.name, "content-length")) continue;
    valid &= !trim(line.value).empty();
    for_each_element(line.value, [&](std::string_view element) {
      std::uint64_t value = 0;
      const char* end = element.data() + element.size();
      const auto [stop, error] = std::from_chars(element.data(), end, value);
      valid &= error == std::errc{} && stop == end && length.value_or(value) == value;
      length = value;
    });
  }
  if (!valid || !length) return tl::unexpected(HttpError::bad_length);
  return *length;
}

// What the Transfer-Encoding fields say when they are read as one list (RFC 9112 6.1).
struct TransferCodings {
  bool chunked_last = false;
  bool others = false;
};
TransferCodings transfer_codings(const HttpFields& fields) {
  TransferCodings codings;
  for (const HttpFields::Line& line : fields) {
    if (!equal_ignoring_case(line.name, "transfer-encoding")) continue;
    for_each_element(line.value, [&](std::string_view element) {
      codings.others |= codings.chunked_last;  // chunked, and now something behind it
      codings.chunked_last = equal_ignoring_case(element, "chunked");
      codings.others |= !codings.chunked_last;
    });
  }
  return codings;
}

}  // namespace

std::string_view to_text(HttpError error) {
  switch (error) {
    case HttpError::bad_start_line:
      return "malformed start line";
    case HttpError::unsupported_version:
      return "HTTP version not supported";
    case HttpError::bad_field:
      return "malformed field line";
    case HttpError::head_too_large:
      return "message head too large";
    case HttpError::too_many_fields:
      return "too many field lines";
    case HttpError::bad_host:
      return "Host missing or repeated";
    case HttpError::bad_length:
      return "invalid or contradictory body length";
    case HttpError::unsupported_coding:
      return "transfer coding not supported";
    case HttpError::bad_chunk:
      return "malformed chunk";
    case HttpError::truncated:
      return "the stream ended inside the message";
  }
  return "?";
}

std::uint16_t status_for(HttpError error) {
  switch (error) {
    case HttpError::unsupported_version:
      return 505;
    case HttpError::unsupported_coding:
      return 501;
    case HttpError::head_too_large:
    case HttpError::too_many_fields:
      return 431;
    case HttpError::bad_start_line:
    case HttpError::bad_field:
    case HttpError::bad_host:
    case HttpError::bad_length:
    case HttpError::bad_chunk:
    case HttpError::truncated:
      return 400;
  }
  return 400;
}

std::optional<std::string_view> HttpFields::find(std::string_view name) const {
  for (const Line& line : lines_) {
    if (equal_ignoring_case(line.name, name)) return line.value;
  }
  return std::nullopt;
}

std::size_t HttpFields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      lines_, [&](const Line& line) { return equal_ignoring_case(line.name, name); }));
}

bool HttpFields::has_token(std::string_view name, std::string_view token) const {
  bool found = false;
  for (const Line& line : lines_) {
    if (!equal_ignoring_case(line.name, name)) continue;
    for_each_element(line.value, [&](std::string_view element) {
      found |= equal_ignoring_case(element, token);
    });
  }
  return found;
}

HttpParsed<HttpRequest> HttpRequest::parse(std::string_view head, const HttpLimits& limits) {
  if (head.size() > limits.head_bytes_max) return tl::unexpected(HttpError::head_too_large);
  // RFC 9112 3: method SP request-target SP HTTP-version, with single blanks.
  const std::string_view line = take_line(head);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return tl::unexpected(HttpError::bad_start_line);
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method) || !is_target(target)) return tl::unexpected(HttpError::bad_start_line);
  const auto version = parse_version(line.substr(last + 1));
  if (!version) return tl::unexpected(version.error());
  auto fields = parse_fields(head, limits, false);
  if (!fields) return tl::unexpected(fields.error());
  // RFC 9112 3.2: 400 for an HTTP/1.1 request without Host and for any with more than one.
  const std::size_t hosts = fields->count("host");
  if (hosts > 1 || (hosts == 0 && *version >= 1)) return tl::unexpected(HttpError::bad_host);
  return HttpRequest{.method = std::string{method},
                     .target = std::string{target},
                     .minor_version = *version,
                     .fields = std::move(*fields)};
}

std::string HttpRequest::to_head() const {
  std::string head = fmt::format("{} {} {}{}\r\n", method, target, kVersionPrefix, minor_version);
  append_fields(head, fields);
  return head;
}

HttpParsed<HttpResponse> HttpResponse::parse(std::string_view head, const HttpLimits& limits) {
  if (head.size() > limits.head_bytes_max) return tl::unexpected(HttpError::head_too_large);
  // RFC 9112 4: HTTP-version SP status-code SP [reason]; the blank before an absent reason may be
  // missing too.
  const std::string_view line = take_line(head);
  const auto version = parse_version(line.substr(0, line.find(' ')));
  if (!version) return tl::unexpected(version.error());
  const std::string_view rest = line.substr(std::min<std::size_t>(9, line.size()));
  const std::string_view reason = rest.substr(std::min<std::size_t>(4, rest.size()));
  std::uint16_t status = 0;
  const bool three_digits = rest.size() >= 3 && (rest.size() == 3 || rest[3] == ' ') &&
                            std::ranges::all_of(rest.substr(0, 3), is_digit);
  if (three_digits) std::from_chars(rest.data(), rest.data() + 3, status);
  if (status < 100 || !is_field_text(reason)) return tl::unexpected(HttpError::bad_start_line);
  auto fields = parse_fields(head, limits, true);
  if (!fields) return tl::unexpected(fields.error());
  return HttpResponse{.status = status,
                      .reason = std::string{reason},
                      .minor_version = *version,
                      .fields = std::move(*fields)};
}

std::string HttpResponse::to_head() const {
  std::string head =
      fmt::format("{}{} {:03} {}\r\n", kVersionPrefix, minor_version, status, reason);
  append_fields(head, fields);
  return head;
}

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

HttpParsed<HttpBody> body_of(const HttpRequest& request) {
  const bool has_length = request.fields.count("content-length") > 0;
  if (request.fields.count("transfer-encoding") > 0) {
    // Rule 3: both fields look like request smuggling and are handled as an error. RFC 9112 6.1:
    // an HTTP/1.0 message with a transfer coding is framed faultily.
    if (has_length || request.minor_version == 0) return tl::unexpected(HttpError::bad_length);
    const TransferCodings codings = transfer_codings(request.fields);
    if (!codings.chunked_last) return tl::unexpected(HttpError::bad_length);  // rule 4
    if (codings.others) return tl::unexpected(HttpError::unsupported_coding);
    return HttpBody{.framing = HttpFraming::chunked};
  }
  if (!has_length) return HttpBody{};  // rule 7
  const auto length = content_length(request.fields);
  if (!length) return tl::unexpected(length.error());
  return HttpBody{.framing = HttpFraming::length, .length = *length};
}

HttpParsed<HttpBody> body_of(const HttpResponse& response, std::string_view method) {
  const std::uint16_t status = response.status;
  // Rules 1 and 2.
  if (method == "HEAD" || status < 200 || status == 204 || status == 304) return HttpBody{};
  if (method == "CONNECT" && status < 300) return HttpBody{};
  if (response.fields.count("transfer-encoding") > 0) {
    if (response.minor_version == 0) return tl::unexpected(HttpError::bad_length);
    // Rules 3 and 4: it overrides Content-Length; the stream's end ends other codings.
    const TransferCodings codings = transfer_codings(response.fields);
    if (codings.others) return tl::unexpected(HttpError::unsupported_coding);
    return HttpBody{.framing =
                        codings.chunked_last ? HttpFraming::chunked : HttpFraming::until_close};
  }
  if (response.fields.count("content-length") == 0) {
    return HttpBody{.framing = HttpFraming::until_close};  // rule 8
  }
  const auto length = content_length(response.fields);
  if (!length) return tl::unexpected(length.error());
  return HttpBody{.framing = HttpFraming::length, .length = *length};
}

bool is_persistent(std::uint8_t minor_version, const HttpFields& fields) {
  if (fields.has_token("connection", "close")) return false;
  return minor_version >= 1 || fields.has_token("connection", "keep-alive");
}

std::string to_chunk(Bytes data) {
  STRATA_ASSERT(!data.empty());
  return fmt::format("{:x}\r\n{}\r\n", data.size(), as_text(data));
}

bool is_http_start(Bytes payload) {
  const std::string_view text = as_text(payload);
  if (text.starts_with(kVersionPrefix)) return true;
  const std::size_t end = text.substr(0, kStartLineBytesMax).find('\n');
  if (end == std::string_view::npos) return false;
  std::string_view rest = text.substr(0, end + 1);
  const std::string_view line = take_line(rest);
  const std::size_t blank = line.rfind(' ');
  if (blank == std::string_view::npos) return false;
  return line.substr(blank + 1).starts_with(kVersionPrefix) &&
         is_token(line.substr(0, line.find(' ')));
}

}  // namespace strata::wire
