// SPDX-License-Identifier: MIT
// The HTTP reader over an arbitrary stream, cut in two ways: the cuts make no difference, memory
// stays within the limits, there is always progress, and a head that was read is written and read
// back the same.
#include <algorithm>
#include <optional>
#include <string>

#include "stack/wire/http_reader.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {
namespace {

using wire::HttpError;

template <typename Message>
struct Outcome {
  std::optional<HttpError> error;
  std::optional<Message> head;
  std::string body;
  std::size_t consumed = 0;
  bool complete = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <typename Message>
Outcome<Message> read(Bytes stream, std::size_t piece) {
  wire::HttpReader<Message> reader;
  Outcome<Message> outcome;
  while (outcome.consumed < stream.size() && !reader.is_complete()) {
    Bytes input = stream.subspan(outcome.consumed);
    input = input.first(std::min(input.size(), piece));
    const auto step = reader.read(input);
    if (!step) {
      // How far into the bad line the reader went depends on the cuts; the verdict does not.
      outcome.error = step.error();
      outcome.consumed = 0;
      return outcome;
    }
    STRATA_FUZZ_EXPECT(step->consumed > 0 && step->consumed <= input.size());
    outcome.consumed += step->consumed;
    outcome.body.append(as_text(step->body));
  }
  if (reader.has_head()) outcome.head = reader.head();
  outcome.complete = reader.is_complete();
  return outcome;
}

template <typename Message>
void check(Bytes stream, std::size_t piece) {
  const auto whole = read<Message>(stream, stream.size());
  STRATA_FUZZ_EXPECT(read<Message>(stream, piece) == whole);
  if (!whole.head) return;
  STRATA_FUZZ_EXPECT(whole.head->fields.size() <= wire::HttpLimits{}.fields_max);
  const auto again = Message::parse(whole.head->to_head(), {.head_bytes_max = 1 << 20});
  STRATA_FUZZ_EXPECT(again && *again == *whole.head);
}

}  // namespace

// The first byte chooses request or response, the second the size of the pieces.
STRATA_FUZZ_TARGET(http) {
  InputReader reader(input);
  const bool is_response = (reader.u8() & 1) != 0;
  const std::size_t piece = 1U + reader.u8() % 64U;
  const Bytes stream = reader.rest();
  (void)wire::is_http_start(stream);
  if (is_response) {
    check<wire::HttpResponse>(stream, piece);
  } else {
    check<wire::HttpRequest>(stream, piece);
  }
}

}  // namespace strata::fuzz
