// SPDX-License-Identifier: MIT
// System calls: name, arguments, expected result, error and note. Arguments are read as general
// expressions; what they mean is the business of the call.
#include "sim/packetdrill/reader.h"

namespace strata::packetdrill {
namespace {

constexpr int kDepthMax = 32;

bool parse_expression(Reader& reader, Expression& expression, int depth);

bool parse_items(Reader& reader, char close, std::vector<Expression>& items, int depth) {
  if (reader.take_if(close)) return true;
  do {
    if (!parse_expression(reader, items.emplace_back(), depth)) return false;
  } while (reader.take_if(','));
  return reader.expect(close, "at the end of the list");
}

// {name = value, name(length) = value, value}
bool parse_structure(Reader& reader, Expression& expression, int depth) {
  expression.kind = Expression::Kind::structure;
  if (reader.take_if('}')) return true;
  do {
    std::string name;
    std::size_t ahead = 0;
    if (reader.peek().kind == Token::Kind::word) {
      ahead = reader.peek(1).is('(') && reader.peek(3).is(')') ? 4 : 1;  // msg_iov(1) = [...]
      if (reader.peek(ahead).is('=')) {
        name = reader.peek().text;
      } else {
        ahead = 0;
      }
    }
    for (std::size_t i = 0; !name.empty() && i <= ahead; ++i) reader.take();
    Expression& item = expression.items.emplace_back();
    if (!parse_expression(reader, item, depth)) return false;
    item.name = std::move(name);
  } while (reader.take_if(',') && !reader.peek().is('}'));
  return reader.expect('}', "at the end of the structure");
}

bool parse_text(Reader& reader, Expression& expression) {
  expression.kind = Expression::Kind::text;
  while (reader.peek().kind == Token::Kind::text) expression.text += reader.take().text;
  if (reader.peek().kind == Token::Kind::ellipsis) reader.take();  // "abc"...
  return true;
}

bool parse_primary(Reader& reader, Expression& expression, int depth) {
  const Token& token = reader.peek();
  expression.at = token.at;
  if (depth > kDepthMax) return reader.fail(token, "this is nested too deeply");
  switch (token.kind) {
    case Token::Kind::ellipsis:
      expression.kind = Expression::Kind::ellipsis;
      reader.take();
      return true;
    case Token::Kind::number:
      expression.kind = Expression::Kind::number;
      expression.number = reader.take().integer;
      return true;
    case Token::Kind::text:
      return parse_text(reader, expression);
    case Token::Kind::address:
      expression.kind = Expression::Kind::text;
      expression.text = reader.take().text;
      return true;
    case Token::Kind::word:
      expression.kind = Expression::Kind::word;
      expression.text = reader.take().text;
      if (!reader.take_if('(')) return true;
      expression.kind = Expression::Kind::function;
      return parse_items(reader, ')', expression.items, depth + 1);
    default:
      break;
  }
  if (reader.take_if('[')) {
    expression.kind = Expression::Kind::list;
    return parse_items(reader, ']', expression.items, depth + 1);
  }
  if (reader.take_if('{')) return parse_structure(reader, expression, depth + 1);
  if (reader.take_if('(')) {
    return parse_expression(reader, expression, depth + 1) &&
           reader.expect(')', "after the parenthesis");
  }
  return reader.fail(token, fmt::format("expected a value, not {}", Reader::quoted(token)));
}

bool parse_expression(Reader& reader, Expression& expression, int depth) {
  if (!parse_primary(reader, expression, depth)) return false;
  if (reader.peek().is('=') && expression.kind == Expression::Kind::word) {  // symbol = value
    reader.take();
    const std::string name = expression.text;
    expression = {};
    if (!parse_expression(reader, expression, depth + 1)) return false;
    expression.name = name;
    return true;
  }
  if (!reader.peek().is('|')) return true;
  Expression sum;
  sum.kind = Expression::Kind::either_of;
  sum.at = expression.at;
  sum.items.push_back(std::move(expression));
  while (reader.take_if('|')) {
    if (!parse_primary(reader, sum.items.emplace_back(), depth + 1)) return false;
  }
  expression = std::move(sum);
  return true;
}

// (Operation now in progress), (flags O_RDWR|O_NONBLOCK): said for the human reader.
bool skip_note(Reader& reader) {
  if (!reader.take_if('(')) return true;
  const Token& open = reader.peek();
  while (!reader.take_if(')')) {
    if (reader.at_end()) return reader.fail(open, "this note never ends", "close it with )");
    reader.take();
  }
  return true;
}

}  // namespace

bool parse_call(Reader& reader, Call& call) {
  if (reader.peek().kind == Token::Kind::ellipsis) {
    reader.take();
    if (!parse_seconds(reader, call.blocks_until.emplace())) return false;
  }
  const Token& name = reader.peek();
  if (name.kind != Token::Kind::word || !reader.peek(1).is('(')) {
    return reader.fail(name, fmt::format("expected a system call, not {}", Reader::quoted(name)),
                       "a call looks like 'read(4, ..., 1000) = 1000'");
  }
  call.name = reader.take().text;
  reader.take();
  if (!parse_items(reader, ')', call.arguments, 0)) return false;
  if (!reader.expect('=', "between the call and its result")) return false;
  if (!parse_expression(reader, call.result, 0)) return false;
  if (reader.peek().kind == Token::Kind::word && reader.peek().text.starts_with('E')) {
    call.error = reader.take().text;
  }
  return skip_note(reader);
}

}  // namespace strata::packetdrill
