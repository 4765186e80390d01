// SPDX-License-Identifier: MIT
// HTTP/1.1 messages (RFC 9112; the semantics it needs from RFC 9110): start lines, field lines and
// the decision where the body ends. Text in, values out; http_reader.h takes messages from a byte
// stream piece by piece. Content codings, caching and proxies are not here.
//
//     GET /index.html HTTP/1.1 CRLF        start line
//     Host: server CRLF                    field lines
//     CRLF                                 end of the head
//     ...                                  body, framed by length, chunks or the end of the stream
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "stack/base/bytes.h"

namespace strata::wire {

enum class HttpError : std::uint8_t {
  bad_start_line,
  unsupported_version,  // not HTTP/1.x
  bad_field,            // a field line that RFC 9112 5 does not allow
  head_too_large,
  too_many_fields,
  bad_host,            // an HTTP/1.1 request without Host, or any message with several
  bad_length,          // Content-Length invalid or contradictory (RFC 9112 6.3 rules 3 and 5)
  unsupported_coding,  // a transfer coding other than chunked
  bad_chunk,
  truncated,  // the stream ended inside the message
};
std::string_view to_text(HttpError error);
// The status a server answers such a request with: 400, 431, 501 or 505.
std::uint16_t status_for(HttpError error);

template <typename T>
using HttpParsed = tl::expected<T, HttpError>;

// What a reader holds at most, whatever the peer sends.
struct HttpLimits {
  std::size_t head_bytes_max = 16384;
  std::size_t fields_max = 100;
  std::size_t chunk_line_bytes_max = 256;  // of a chunk-size line with its extensions
};

// Field lines in order. Names compare without regard to case (RFC 9110 5.1).
class HttpFields {
 public:
  struct Line {
    std::string name;
    std::string value;
    friend bool operator==(const Line&, const Line&) = default;
  };

  HttpFields() = default;
  HttpFields(std::initializer_list<Line> lines) : lines_(lines) {}

  void add(std::string name, std::string value) {
    lines_.push_back({std::move(name), std::move(value)});
  }
  // Value of the first line of that name; valid until the fields change.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // Whether a comma-separated list field has that element ("Connection: keep-alive, Upgrade").
  bool has_token(std::string_view name, std::string_view token) const;

  std::size_t size() const { return lines_.size(); }
  auto begin() const { return lines_.begin(); }
  auto end() const { return lines_.end(); }
  friend bool operator==(const HttpFields&, const HttpFields&) = default;

 private:
  std::vector<Line> lines_;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";        // as it stands in the request line
  std::uint8_t minor_version = 1;  // of HTTP/1
  HttpFields fields;

  // `head` runs from the request line to the empty line, both included.
  static HttpParsed<HttpRequest> parse(std::string_view head, const HttpLimits& limits = {});
  // The head on the wire; a body follows it directly. Nothing is escaped: names and values without
  // line ends are the caller's part.
  std::string to_head() const;
  friend bool operator==(const HttpRequest&, const HttpRequest&) = default;
};

struct HttpResponse {
  std::uint16_t status = 200;
  std::string reason = "OK";
  std::uint8_t minor_version = 1;
  HttpFields fields;

  static HttpParsed<HttpResponse> parse(std::string_view head, const HttpLimits& limits = {});
  std::string to_head() const;
  friend bool operator==(const HttpResponse&, const HttpResponse&) = default;
};

// The usual reason phrase of a status code ("Not Found"); empty for one that has none here.
std::string_view reason_phrase(std::uint16_t status);

// How the body of a message ends (RFC 9112 6.3).
enum class HttpFraming : std::uint8_t { none, length, chunked, until_close };
struct HttpBody {
  HttpFraming framing = HttpFraming::none;
  std::uint64_t length = 0;  // with HttpFraming::length
  friend bool operator==(const HttpBody&, const HttpBody&) = default;
};
HttpParsed<HttpBody> body_of(const HttpRequest& request);
// `method` is that of the request which is answered: HEAD and CONNECT have no body.
HttpParsed<HttpBody> body_of(const HttpResponse& response, std::string_view method);

// RFC 9112 9.3: whether the connection serves another message after this one.
bool is_persistent(std::uint8_t minor_version, const HttpFields& fields);

// One chunk of the chunked coding (RFC 9112 7.1). Not for empty data: that would end the body.
std::string to_chunk(Bytes data);
inline constexpr std::string_view kLastHttpChunk = "0\r\n\r\n";

// Whether `payload` begins like an HTTP/1 message: a whole start line, or the start of a status
// line. How the dissector recognises HTTP on any port.
bool is_http_start(Bytes payload);

}  // namespace strata::wire
