// SPDX-License-Identifier: MIT
#include "stack/wire/http.h"

#include <array>
#include <string>
#include <vector>

namespace strata::wire {
namespace {

constexpr std::string_view kHead = "GET /a?b=c HTTP/1.1\r\nHost: server\r\nX: 1\r\nx:2 \r\n\r\n";

HttpError request_error(std::string_view head) {
  const auto request = HttpRequest::parse(head);
  EXPECT_FALSE(request) << head;
  return request ? HttpError::truncated : request.error();
}

HttpRequest request_with(HttpFields fields) {
  fields.add("Host", "server");
  return {.method = "POST", .fields = std::move(fields)};
}

TEST(HttpRequest, IsParsed) {
  const auto request = HttpRequest::parse(kHead);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->target, "/a?b=c");
  EXPECT_EQ(request->minor_version, 1);
  EXPECT_EQ(request->fields.size(), 3U);
}

// verifies RFC 9110 5.1: field names are case-insensitive
TEST(HttpFields, AreFoundWhateverTheirCase) {
  const auto request = HttpRequest::parse(kHead);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->fields.find("HOST"), "server");
  EXPECT_EQ(request->fields.find("x"), "1");
  EXPECT_EQ(request->fields.count("X"), 2U);
  EXPECT_EQ(request->fields.find("Accept"), std::nullopt);
}

TEST(HttpFields, ListElementsAreFoundInAnyLine) {
  const HttpFields fields{{"Connection", "keep-alive , Upgrade"}, {"connection", "Close"}};
  EXPECT_TRUE(fields.has_token("connection", "upgrade"));
  EXPECT_TRUE(fields.has_token("connection", "close"));
  EXPECT_FALSE(fields.has_token("connection", "keep"));
}

TEST(HttpRequest, IsWrittenAsRfc9112Says) {
  const HttpRequest request{.target = "/index.html", .fields = {{"Host", "server"}}};
  EXPECT_EQ(request.to_head(), "GET /index.html HTTP/1.1\r\nHost: server\r\n\r\n");
}

TEST(HttpResponse, IsWrittenAsRfc9112Says) {
  const HttpResponse response{.status = 404,
                              .reason = std::string{reason_phrase(404)},
                              .fields = {{"Content-Length", "0"}}};
  EXPECT_EQ(response.to_head(), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpMessages, WhatIsWrittenIsReadBack) {
  const HttpRequest request{.method = "PUT",
                            .target = "*",
                            .minor_version = 0,
                            .fields = {{"Host", "a"}, {"Empty", ""}, {"B", "c, d"}}};
  const HttpResponse response{.status = 503, .reason = "", .fields = {{"A", "b"}}};
  EXPECT_EQ(HttpRequest::parse(request.to_head()), request);
  EXPECT_EQ(HttpResponse::parse(response.to_head()), response);
}

// verifies RFC 9112 2.2: a single LF may end a line
TEST(HttpRequest, LinesMayEndInABareLineFeed) {
  EXPECT_TRUE(HttpRequest::parse("GET / HTTP/1.1\nHost: a\n\n"));
}

// verifies RFC 9112 2.2: a bare CR is invalid
TEST(HttpRequest, ABareCarriageReturnIsMalformed) {
  EXPECT_EQ(request_error("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"), HttpError::bad_field);
}

// verifies RFC 9112 3: method SP request-target SP HTTP-version
TEST(HttpRequest, AMalformedStartLineIsNamed) {
  for (const std::string_view line :
       {"", "GET", "GET /", "GET /HTTP/1.1", " GET / HTTP/1.1", "GET  / HTTP/1.1",
        "GET / x HTTP/1.1", "G@T / HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.10",
        "GET / HTTP/1.1 ", "GET /\x01 HTTP/1.1"}) {
    EXPECT_EQ(request_error(std::string{line} + "\r\nHost: a\r\n\r\n"), HttpError::bad_start_line)
        << line;
  }
}

TEST(HttpRequest, AnotherMajorVersionIsNotSupported) {
  const HttpError error = request_error("GET / HTTP/2.0\r\nHost: a\r\n\r\n");
  EXPECT_EQ(error, HttpError::unsupported_version);
  EXPECT_EQ(status_for(error), 505);
}

// verifies RFC 9112 5.1: whitespace between field name and colon is rejected
TEST(HttpRequest, AMalformedFieldLineIsNamed) {
  for (const std::string_view line :
       {"Host", "Na me: x", "Name : x", ": x", " Name: x", "N\xe4me: x", "Name: \x01"}) {
    EXPECT_EQ(request_error("GET / HTTP/1.1\r\nHost: a\r\n" + std::string{line} + "\r\n\r\n"),
              HttpError::bad_field)
        << line;
  }
}

// verifies RFC 9112 5.2: a server rejects a folded line, a user agent unfolds it
TEST(HttpMessages, FoldedLinesAreRejectedInRequestsAndUnfoldedInResponses) {
  EXPECT_EQ(request_error("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n"), HttpError::bad_field);
  const auto response = HttpResponse::parse("HTTP/1.1 200 OK\r\nX: 1\r\n\t 2\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->fields.find("x"), "1 2");
}

// verifies RFC 9112 3.2: an HTTP/1.1 request has exactly one Host
TEST(HttpRequest, NeedsExactlyOneHost) {
  EXPECT_EQ(request_error("GET / HTTP/1.1\r\n\r\n"), HttpError::bad_host);
  EXPECT_EQ(request_error("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), HttpError::bad_host);
  EXPECT_TRUE(HttpRequest::parse("GET / HTTP/1.0\r\n\r\n"));
}

TEST(HttpRequest, LimitsHold) {
  const HttpLimits limits{.head_bytes_max = 60, .fields_max = 2};
  EXPECT_EQ(HttpRequest::parse("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n\r\n", limits),
            tl::unexpected(HttpError::too_many_fields));
  EXPECT_EQ(HttpRequest::parse("GET /" + std::string(60, 'a') + " HTTP/1.1\r\n\r\n", limits),
            tl::unexpected(HttpError::head_too_large));
  EXPECT_EQ(status_for(HttpError::too_many_fields), 431);
}

// verifies RFC 9112 4: the reason phrase may be absent
TEST(HttpResponse, TheReasonPhraseMayBeMissing) {
  for (const std::string_view line : {"HTTP/1.1 200 ", "HTTP/1.1 200"}) {
    const auto response = HttpResponse::parse(std::string{line} + "\r\n\r\n");
    ASSERT_TRUE(response) << line;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->reason, "");
  }
}

TEST(HttpResponse, AMalformedStatusLineIsNamed) {
  for (const std::string_view line : {"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000 OK",
                                      "HTTP/1.1 099 X", "HTTP/1.1 abc", "ICY 200 OK"}) {
    EXPECT_EQ(HttpResponse::parse(std::string{line} + "\r\n\r\n"),
              tl::unexpected(HttpError::bad_start_line))
        << line;
  }
}

struct FramingCase {
  std::string_view what;
  HttpFields fields;
  HttpParsed<HttpBody> expected;
};

// verifies RFC 9112 6.3, rules 3 to 7
TEST(HttpFraming, OfARequest) {
  const HttpBody chunked{.framing = HttpFraming::chunked};
  const auto length = [](std::uint64_t bytes) {
    return HttpBody{.framing = HttpFraming::length, .length = bytes};
  };
  const auto error = tl::unexpected(HttpError::bad_length);
  const std::vector<FramingCase> cases{
      {"nothing declared", {}, HttpBody{}},
      {"length", {{"Content-Length", "42"}}, length(42)},
      {"length zero", {{"Content-Length", "0"}}, length(0)},
      {"equal lengths", {{"Content-Length", "42, 42"}, {"Content-Length", "42"}}, length(42)},
      {"different lengths", {{"Content-Length", "42"}, {"Content-Length", "43"}}, error},
      {"empty length", {{"Content-Length", ""}}, error},
      {"signed length", {{"Content-Length", "+42"}}, error},
      {"negative length", {{"Content-Length", "-1"}}, error},
      {"hexadecimal length", {{"Content-Length", "0x10"}}, error},
      {"length beyond 64 bits", {{"Content-Length", "18446744073709551616"}}, error},
      {"chunked", {{"Transfer-Encoding", "Chunked"}}, chunked},
      {"chunked and length", {{"Transfer-Encoding", "chunked"}, {"Content-Length", "4"}}, error},
      {"chunked not last", {{"Transfer-Encoding", "chunked, gzip"}}, error},
      {"not chunked", {{"Transfer-Encoding", "gzip"}}, error},
      {"another coding, chunked",
       {{"Transfer-Encoding", "gzip, chunked"}},
       tl::unexpected(HttpError::unsupported_coding)},
      {"chunked twice",
       {{"Transfer-Encoding", "chunked, chunked"}},
       tl::unexpected(HttpError::unsupported_coding)},
  };
  for (const FramingCase& test : cases) {
    EXPECT_EQ(body_of(request_with(test.fields)), test.expected) << test.what;
  }
}

// verifies RFC 9112 6.1: a transfer coding in an HTTP/1.0 message is faulty framing
TEST(HttpFraming, AnHttp10MessageHasNoTransferCoding) {
  HttpRequest request = request_with({{"Transfer-Encoding", "chunked"}});
  request.minor_version = 0;
  EXPECT_EQ(body_of(request), tl::unexpected(HttpError::bad_length));
}

// verifies RFC 9112 6.3, rules 1, 2, 3 and 8
TEST(HttpFraming, OfAResponse) {
  const HttpFields length{{"Content-Length", "42"}};
  const HttpBody none{};
  const HttpBody forty_two{.framing = HttpFraming::length, .length = 42};
  EXPECT_EQ(body_of(HttpResponse{.fields = length}, "GET"), forty_two);
  EXPECT_EQ(body_of(HttpResponse{.fields = length}, "HEAD"), none);
  EXPECT_EQ(body_of(HttpResponse{.fields = length}, "CONNECT"), none);
  EXPECT_EQ(body_of(HttpResponse{.status = 404, .fields = length}, "CONNECT"), forty_two);
  for (const std::uint16_t status : std::array<std::uint16_t, 3>{100, 204, 304}) {
    EXPECT_EQ(body_of(HttpResponse{.status = status, .fields = length}, "GET"), none) << status;
  }
  EXPECT_EQ(body_of(HttpResponse{}, "GET"), HttpBody{.framing = HttpFraming::until_close});
  const HttpFields both{{"Content-Length", "42"}, {"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(body_of(HttpResponse{.fields = both}, "GET"),
            HttpBody{.framing = HttpFraming::chunked});
}

// verifies RFC 9112 9.3
TEST(HttpConnection, PersistsByVersionAndConnectionOptions) {
  EXPECT_TRUE(is_persistent(1, {}));
  EXPECT_FALSE(is_persistent(1, {{"Connection", "close"}}));
  EXPECT_FALSE(is_persistent(0, {}));
  EXPECT_TRUE(is_persistent(0, {{"Connection", "Keep-Alive"}}));
}

TEST(HttpStart, IsRecognisedByItsStartLineAlone) {
  for (const std::string_view text : {"GET / HTTP/1.1\r\n", "M-SEARCH * HTTP/1.1\r\nHost: x",
                                      "HTTP/1.1 200 OK\r\n", "HTTP/1.0 4"}) {
    EXPECT_TRUE(is_http_start(as_bytes(text))) << text;
  }
  for (const std::string_view text :
       {"", "hello\r\n", "GET / HTTP/1.1", "GET / HTTP/2\r\n", "\x16\x03\x01 HTTP/1.1\r\n",
        "220 mail ESMTP\r\n", "HTTP/2 200\r\n", "SIP/2.0 200 OK\r\n"}) {
    EXPECT_FALSE(is_http_start(as_bytes(text))) << text;
  }
}

}  // namespace
}  // namespace strata::wire
