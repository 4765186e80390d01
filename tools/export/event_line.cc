// SPDX-License-Identifier: MIT
#include "tools/export/event_line.h"

#include <fmt/format.h>

#include <iterator>

#include "tools/export/json.h"

namespace strata::exports {
namespace {

// Writes one event as the members of a JSON object.
class LineWriter : public FieldVisitor {
 public:
  explicit LineWriter(std::string& out) : out_(out) {}

  bool is_describing() const override { return false; }
  void null(const Field& field) override {
    name(field);
    out_ += "null";
  }
  void number(const Field& field, std::uint64_t value) override {
    name(field);
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
  }
  void real(const Field& field, double value) override {
    name(field);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void flag(const Field& field, bool value) override {
    name(field);
    out_ += value ? "true" : "false";
  }
  void text(const Field& field, std::string_view value) override {
    name(field);
    string(value);
  }
  void word(const Field& field, std::string_view value,
            const std::vector<std::string_view>&) override {
    text(field, value);
  }
  void octets(const Field& field, Bytes value) override {
    name(field);
    out_ += '"';
    out_ += hex_of(value);
    out_ += '"';
  }
  void begin_object(const Field& field) override {
    name(field);
    out_ += '{';
  }
  void end_object() override { out_ += '}'; }
  void begin_list(const Field& field) override {
    name(field);
    out_ += '[';
  }
  void end_list() override { out_ += ']'; }

 protected:
  void name(const Field& field) {
    const char last = out_.back();
    if (last != '{' && last != '[') out_ += ',';
    if (field.name.empty()) return;
    out_ += '"';
    out_ += field.name;
    out_ += "\":";
  }
  void string(std::string_view value) {
    for (const char c : value) {
      if (c >= ' ' && c <= '~' && c != '"' && c != '\\') continue;
      out_ += text_of(Json(value), false);
      return;
    }
    out_ += '"';
    out_ += value;
    out_ += '"';
  }

  std::string& out_;
};

// Leaves out what the seed alone decides.
class EssenceWriter final : public LineWriter {
 public:
  using LineWriter::LineWriter;
  void octets(const Field&, Bytes) override {}
  void text(const Field& field, std::string_view value) override {
    const bool is_key = field.name == "candidate" || field.name == "call" || field.name == "result";
    if (depth_ == 0 && !is_key) LineWriter::text(field, value);
  }
  void number(const Field& field, std::uint64_t value) override {
    if (depth_ == 0) LineWriter::number(field, value);
  }
  void begin_object(const Field& field) override {
    if (depth_ > 0 || field.name == "local" || field.name == "remote") ++depth_;
    if (depth_ == 0) LineWriter::begin_object(field);
  }
  void end_object() override {
    if (depth_ == 0) LineWriter::end_object();
    if (depth_ > 0) --depth_;
  }

 private:
  int depth_ = 0;  // inside an endpoint
};

template <typename Writer>
void write(Writer& writer, const Event& event, std::uint32_t flow, const trace::Directory& names) {
  visit_common(event, flow, names, writer);
  visit_fields(event, names, writer);
}

}  // namespace

void append_event_line(std::string& out, const Event& event, std::uint32_t flow,
                       const trace::Directory& names) {
  out += '{';
  LineWriter writer(out);
  write(writer, event, flow, names);
  out += '}';
}

std::string event_line(const Event& event, std::uint32_t flow, const trace::Directory& names) {
  std::string line;
  append_event_line(line, event, flow, names);
  return line;
}

std::string event_essence(const Event& event, std::uint32_t flow, const trace::Directory& names) {
  std::string text = "{";
  EssenceWriter writer(text);
  write(writer, event, flow, names);
  return text;
}

}  // namespace strata::exports
