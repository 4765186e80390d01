// SPDX-License-Identifier: MIT
#include "stack/wire/http_reader.h"

#include <string>

namespace strata::wire {
namespace {

// What a reader made of a stream that came in pieces of `piece` octets.
template <typename Reader>
struct Reading {
  std::string body;
  std::string rest;  // of the stream, behind the message
  HttpParsed<void> result;
};

template <typename Reader>
Reading<Reader> read_all(Reader& reader, std::string_view stream, std::size_t piece) {
  Reading<Reader> reading;
  while (!stream.empty() && !reader.is_complete()) {
    Bytes input = as_bytes(stream.substr(0, piece));
    while (!input.empty() && !reader.is_complete()) {
      const auto step = reader.read(input);
      if (!step) {
        reading.result = tl::unexpected(step.error());
        return reading;
      }
      EXPECT_GT(step->consumed, 0U);
      reading.body.append(as_text(step->body));
      input = input.subspan(step->consumed);
      stream.remove_prefix(step->consumed);
    }
  }
  reading.rest = stream;
  return reading;
}

constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n7;name=value\r\n, world\r\n0\r\nTrailer: x\r\n\r\nHTTP/1.1 200 OK\r\n";

TEST(HttpReader, TakesAMessageHoweverTheStreamIsCut) {
  constexpr std::string_view kStream =
      "POST /form HTTP/1.1\r\nHost: server\r\nContent-Length: 11\r\n\r\nhello worldGET /";
  for (std::size_t piece = 1; piece <= kStream.size(); ++piece) {
    HttpRequestReader reader;
    const auto reading = read_all(reader, kStream, piece);
    ASSERT_TRUE(reading.result);
    EXPECT_TRUE(reader.is_complete());
    EXPECT_EQ(reader.head().target, "/form");
    EXPECT_EQ(reading.body, "hello world");
    EXPECT_EQ(reading.rest, "GET /");
  }
}

TEST(HttpReader, RemovesTheChunkedCodingHoweverTheStreamIsCut) {
  for (std::size_t piece = 1; piece <= kChunked.size(); ++piece) {
    HttpResponseReader reader;
    const auto reading = read_all(reader, kChunked, piece);
    ASSERT_TRUE(reading.result);
    EXPECT_TRUE(reader.is_complete());
    EXPECT_EQ(reading.body, "hello, world");
    EXPECT_EQ(reading.rest, "HTTP/1.1 200 OK\r\n");
  }
}

TEST(HttpReader, ReadsTheChunksThatAreWrittenHere) {
  const std::string stream = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                             to_chunk(as_bytes("abc")) + to_chunk(as_bytes(std::string(300, 'x'))) +
                             std::string{kLastHttpChunk};
  HttpResponseReader reader;
  const auto reading = read_all(reader, stream, 7);
  EXPECT_TRUE(reader.is_complete());
  EXPECT_EQ(reading.body, "abc" + std::string(300, 'x'));
}

TEST(HttpReader, AMessageWithoutABodyIsCompleteWithItsHead) {
  HttpRequestReader reader;
  const auto reading = read_all(reader, "GET / HTTP/1.1\r\nHost: a\r\n\r\nmore", 1000);
  EXPECT_TRUE(reader.is_complete());
  EXPECT_EQ(reading.rest, "more");
}

// verifies RFC 9112 2.2: empty lines before a request line are ignored
TEST(HttpReader, EmptyLinesBeforeARequestAreIgnored) {
  HttpRequestReader reader;
  read_all(reader, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 1);
  EXPECT_TRUE(reader.is_complete());
}

TEST(HttpReader, TheResponseToHeadHasNoBody) {
  HttpResponseReader reader;
  reader.set_request_method("HEAD");
  read_all(reader, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", 10);
  EXPECT_TRUE(reader.is_complete());
}

TEST(HttpReader, ABodyOfUndeclaredLengthEndsWithTheStream) {
  HttpResponseReader reader;
  const auto reading = read_all(reader, "HTTP/1.1 200 OK\r\n\r\neverything", 3);
  EXPECT_EQ(reading.body, "everything");
  EXPECT_FALSE(reader.is_complete());
  EXPECT_TRUE(reader.finish());
  EXPECT_TRUE(reader.is_complete());
}

// verifies RFC 9112 8: a message cut by the end of the stream is incomplete
TEST(HttpReader, AStreamThatEndsInsideAMessageIsTruncated) {
  for (const std::string_view stream :
       {"HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    HttpResponseReader reader;
    read_all(reader, stream, 5);
    EXPECT_EQ(reader.finish(), tl::unexpected(HttpError::truncated)) << stream;
  }
}

TEST(HttpReader, AStreamThatEndsBetweenMessagesIsFine) {
  HttpRequestReader reader;
  EXPECT_FALSE(reader.has_started());
  EXPECT_TRUE(reader.finish());
}

TEST(HttpReader, ReadsTheNextMessageAfterARestart) {
  HttpRequestReader reader;
  std::string rest = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  rest = read_all(reader, rest, 1000).rest;
  EXPECT_EQ(reader.head().target, "/1");
  reader.restart();
  read_all(reader, rest, 1000);
  EXPECT_EQ(reader.head().target, "/2");
}

TEST(HttpReader, AHeadBeyondTheLimitIsRefusedBeforeItIsHeld) {
  HttpRequestReader reader(HttpLimits{.head_bytes_max = 100});
  const auto reading = read_all(reader, "GET /" + std::string(1000, 'a'), 1);
  EXPECT_EQ(reading.result, tl::unexpected(HttpError::head_too_large));
}

TEST(HttpReader, MalformedChunksAreNamed) {
  for (const std::string_view body : {"x\r\n", "5\r\nhelloX", "5\nhello\r\n", "-1\r\n", "\r\n",
                                      "5 5\r\n", "10000000000000000\r\n", "0x5\r\nhello\r\n"}) {
    HttpResponseReader reader;
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto reading = read_all(reader, head + std::string{body} + "\r\n\r\n", 1000);
    EXPECT_EQ(reading.result, tl::unexpected(HttpError::bad_chunk)) << body;
  }
}

TEST(HttpReader, ChunkExtensionsAndTrailersAreBounded) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& flood :
       {"5;" + std::string(1000, 'a'), "0\r\n" + std::string(20000, 'a')}) {
    HttpResponseReader reader;
    const auto reading = read_all(reader, head + flood, 100);
    EXPECT_EQ(reading.result, tl::unexpected(HttpError::head_too_large));
  }
}

}  // namespace
}  // namespace strata::wire
