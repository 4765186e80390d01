// SPDX-License-Identifier: MIT
#include "stack/wire/http_reader.h"

#include <algorithm>
#include <charconv>
#include <type_traits>

namespace strata::wire {
namespace {

// The octets of `input` up to and including the first LF; all of it when there is none.
Bytes up_to_line_end(Bytes input) {
  const auto end = std::ranges::find(input, std::uint8_t{'\n'});
  const auto length = static_cast<std::size_t>(end - input.begin());
  return input.first(std::min(length + 1, input.size()));
}

// RFC 9112 7.1: chunk-size [ chunk-ext ] with nothing but blanks between them.
HttpParsed<std::uint64_t> parse_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (error != std::errc{}) return tl::unexpected(HttpError::bad_chunk);
  std::string_view rest = line.substr(static_cast<std::size_t>(stop - line.data()));
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  if (!rest.empty() && rest.front() != ';') return tl::unexpected(HttpError::bad_chunk);
  return size;
}

}  // namespace

HttpBodyReader::HttpBodyReader(const HttpBody& body, const HttpLimits& limits)
    : framing_(body.framing), left_(body.length), limits_(limits) {
  switch (framing_) {
    case HttpFraming::none:
      break;
    case HttpFraming::length:
      if (left_ > 0) state_ = State::run;
      break;
    case HttpFraming::until_close:
      state_ = State::run;
      break;
    case HttpFraming::chunked:
      state_ = State::chunk_size;
      break;
  }
}

HttpParsed<HttpStep> HttpBodyReader::read(Bytes input) {
  switch (state_) {
    case State::complete:
      return HttpStep{};
    case State::run:
    case State::chunk_data:
      return read_run(input);
    case State::chunk_size:
    case State::chunk_end:
    case State::trailer:
      return read_line(input);
  }
  return HttpStep{};
}

HttpParsed<void> HttpBodyReader::finish() {
  if (framing_ == HttpFraming::until_close) state_ = State::complete;
  // RFC 9112 8: a message that ended early is incomplete.
  if (!is_complete()) return tl::unexpected(HttpError::truncated);
  return {};
}

HttpParsed<HttpStep> HttpBodyReader::read_run(Bytes input) {
  if (framing_ == HttpFraming::until_close) return HttpStep{input.size(), input};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  left_ -= size;
  if (left_ == 0) {
    state_ = state_ == State::chunk_data ? State::chunk_end : State::complete;
  }
  return HttpStep{size, input.first(size)};
}

HttpParsed<HttpStep> HttpBodyReader::read_line(Bytes input) {
  const Bytes part = up_to_line_end(input);
  const std::size_t limit =
      state_ == State::trailer ? limits_.head_bytes_max : limits_.chunk_line_bytes_max;
  if (trailer_bytes_ + line_.size() + part.size() > limit) {
    return tl::unexpected(HttpError::head_too_large);
  }
  line_.append(as_text(part));
  if (line_.ends_with('\n')) {
    if (const auto ended = end_line(); !ended) return tl::unexpected(ended.error());
    line_.clear();
  }
  return HttpStep{part.size(), {}};
}

HttpParsed<void> HttpBodyReader::end_line() {
  // A bare LF is not accepted here: nothing depends on old senders, and a chunk boundary that two
  // recipients read differently is how requests are smuggled (RFC 9112 11.2).
  if (!line_.ends_with("\r\n")) return tl::unexpected(HttpError::bad_chunk);
  const std::string_view line = std::string_view{line_}.substr(0, line_.size() - 2);
  if (state_ == State::chunk_end) {
    if (!line.empty()) return tl::unexpected(HttpError::bad_chunk);
    state_ = State::chunk_size;
  } else if (state_ == State::trailer) {
    trailer_bytes_ += line_.size();
    if (line.empty()) state_ = State::complete;
  } else {
    const auto size = parse_chunk_size(line);
    if (!size) return tl::unexpected(size.error());
    left_ = *size;
    state_ = left_ == 0 ? State::trailer : State::chunk_data;
  }
  return {};
}

template <typename Message>
HttpParsed<HttpStep> HttpReader<Message>::read(Bytes input) {
  if (has_head_) return body_.read(input);
  HttpStep step;
  while (step.consumed < input.size() && !has_head_) {
    const Bytes part = up_to_line_end(input.subspan(step.consumed));
    step.consumed += part.size();
    if (head_.size() + part.size() > limits_.head_bytes_max) {
      return tl::unexpected(HttpError::head_too_large);
    }
    head_.append(as_text(part));
    if (!head_.ends_with('\n')) continue;
    const std::string_view line = std::string_view{head_}.substr(line_begin_);
    const bool is_empty = line == "\n" || line == "\r\n";
    if (is_empty && line_begin_ == 0) {
      head_.clear();  // RFC 9112 2.2: empty lines before a request line are ignored
      continue;
    }
    line_begin_ = head_.size();
    if (!is_empty) continue;
    if (const auto ended = end_head(); !ended) return tl::unexpected(ended.error());
  }
  return step;
}

template <typename Message>
HttpParsed<void> HttpReader<Message>::end_head() {
  auto message = Message::parse(head_, limits_);
  if (!message) return tl::unexpected(message.error());
  HttpParsed<HttpBody> body;
  if constexpr (std::is_same_v<Message, HttpResponse>) {
    body = body_of(*message, method_);
  } else {
    body = body_of(*message);
  }
  if (!body) return tl::unexpected(body.error());
  message_ = std::move(*message);
  body_ = HttpBodyReader{*body, limits_};
  has_head_ = true;
  return {};
}

template <typename Message>
HttpParsed<void> HttpReader<Message>::finish() {
  if (has_head_) return body_.finish();
  if (!head_.empty()) return tl::unexpected(HttpError::truncated);
  return {};
}

template <typename Message>
void HttpReader<Message>::restart() {
  *this = HttpReader{limits_};
}

template class HttpReader<HttpRequest>;
template class HttpReader<HttpResponse>;

}  // namespace strata::wire
