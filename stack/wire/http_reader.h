// SPDX-License-Identifier: MIT
// Takes HTTP/1.1 messages from a byte stream, however it is cut into pieces. A reader holds one
// message head, bounded by its limits; body octets are passed through as views of the input with
// the chunked coding removed.
//
//     HttpRequestReader reader;
//     while (!input.empty() && !reader.is_complete()) {
//       const auto step = reader.read(input);
//       if (!step) ... answer status_for(step.error()) and close
//       input = input.subspan(step->consumed);
//       use(step->body);
//     }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "stack/base/bytes.h"
#include "stack/wire/http.h"

namespace strata::wire {

struct HttpStep {
  std::size_t consumed = 0;  // octets taken from the front of the input
  Bytes body;                // of them, the body octets
};

// Reads a body of known framing.
class HttpBodyReader {
 public:
  HttpBodyReader() = default;  // of a message without a body: complete
  HttpBodyReader(const HttpBody& body, const HttpLimits& limits);

  // Takes octets up to the end of one run of body octets, of the body, or of the input. Makes
  // progress whenever there is input and the body is not complete. Fails: bad_chunk,
  // head_too_large (chunk-size line or trailer section).
  HttpParsed<HttpStep> read(Bytes input);
  // The stream ended: completes a body that lasts until then; for any other an error, truncated.
  HttpParsed<void> finish();
  bool is_complete() const { return state_ == State::complete; }

 private:
  enum class State : std::uint8_t {
    complete,
    run,         // `left_` octets of a body of known length, or to the end of the stream
    chunk_size,  // a chunk-size line
    chunk_data,  // `left_` octets of a chunk
    chunk_end,   // the CRLF behind them
    trailer,     // field lines behind the last chunk; read and dropped
  };
  HttpParsed<HttpStep> read_run(Bytes input);
  HttpParsed<HttpStep> read_line(Bytes input);
  HttpParsed<void> end_line();

  HttpFraming framing_ = HttpFraming::none;
  State state_ = State::complete;
  std::uint64_t left_ = 0;
  std::string line_;               // what is there of the current line, without its LF
  std::size_t trailer_bytes_ = 0;  // of the lines before it
  HttpLimits limits_;
};

// Message is HttpRequest or HttpResponse.
template <typename Message>
class HttpReader {
 public:
  explicit HttpReader(const HttpLimits& limits = {}) : limits_(limits) {}

  // Before the response is read: the method of the request which it answers; GET if not called.
  void set_request_method(std::string_view method) { method_ = method; }

  // Takes octets up to the end of the head, of one run of body octets, of the message, or of the
  // input. Makes progress whenever there is input and the message is not complete. After an error
  // the stream has no meaning any more.
  HttpParsed<HttpStep> read(Bytes input);
  // The stream ended. An error (truncated) if it did so inside a message that needed more.
  HttpParsed<void> finish();

  bool has_started() const { return has_head_ || !head_.empty(); }
  bool has_head() const { return has_head_; }
  bool is_complete() const { return has_head_ && body_.is_complete(); }
  const Message& head() const { return message_; }  // requires has_head()
  // Ready for the next message of the connection.
  void restart();

 private:
  HttpParsed<void> end_head();

  HttpLimits limits_;
  std::string method_ = "GET";
  std::string head_;  // what is there of the head
  std::size_t line_begin_ = 0;
  bool has_head_ = false;
  Message message_;
  HttpBodyReader body_;
};

extern template class HttpReader<HttpRequest>;
extern template class HttpReader<HttpResponse>;
using HttpRequestReader = HttpReader<HttpRequest>;
using HttpResponseReader = HttpReader<HttpResponse>;

}  // namespace strata::wire
