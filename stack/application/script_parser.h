// SPDX-License-Identifier: MIT
// The parser behind parse_call(): words with their columns, read from left to right. The first
// mistake stays; after it every read gives a default, so the grammar reads without branches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/application/script.h"

namespace strata::application::script {

struct Token {
  std::string text;  // of a string: its octets, escapes resolved
  std::size_t column = 0;
  bool is_string = false;
};

class Parser {
 public:
  explicit Parser(std::string_view line);
  tl::expected<Call, ParseProblem> parse();

 private:
  // ---- words (script_words.cc) ----
  void split(std::string_view line);
  std::size_t split_string(std::string_view line, std::size_t start);
  void fail(std::size_t column, std::string message, std::string mend);
  bool has_failed() const { return problem_.has_value(); }
  bool at_end() const { return has_failed() || next_ == tokens_.size(); }
  const Token* peek() const { return at_end() ? nullptr : &tokens_[next_]; }
  bool is_next(std::string_view word) const;
  bool accept(std::string_view word);  // takes the word if it is next
  void expect(std::string_view word, std::string_view mend);
  std::size_t column() const;  // of the next token, or behind the last
  // A word (not a string); `what` names what is missing: "a socket name".
  Token word(std::string_view what, std::string_view mend);
  std::string name(std::string_view what, std::string_view mend);
  std::int64_t integer(std::string_view what, std::int64_t low, std::int64_t high);
  bool is_number_next() const;
  // A number and its unit, in one word or two.
  std::int64_t quantity(bool is_duration);
  Duration duration() { return Duration(quantity(/*is_duration=*/true)); }
  std::int64_t byte_count() { return quantity(/*is_duration=*/false); }
  Address address(bool may_be_any);
  void end_of_line();

  // ---- the grammar (script_parser.cc) ----
  void statement();
  void arguments();
  void socket_arguments();
  void socket_type();
  void payload();
  void receive_extent();
  void shutdown_how();
  void pause();
  // ---- options, messages, poll (script_parser_options.cc) ----
  const socket::OptionRow* option();
  socket::OptionValue option_value(const socket::OptionRow& row);
  socket::OptionValue named_value(const socket::OptionRow& row);
  void message_flags();
  void message_control();
  void polled_sockets();
  socket::PollEvents poll_events();
  void ioctl_request();
  void file_flag();
  void value_expectation(Expectation& expected);
  void events_expectation(Expectation& expected);
  // ---- what is expected ----
  void wait_limit();
  Expectation expectation();
  bool is_error_next() const;
  void result(Expectation& expected);
  void peer(Expectation& expectation);

  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t indent_ = 0;
  std::size_t end_column_ = 1;
  std::optional<ParseProblem> problem_;
  Call call_;
};

}  // namespace strata::application::script
