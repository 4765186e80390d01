// SPDX-License-Identifier: MIT
#include "tests/scenario/schema_check.h"

#include <algorithm>
#include <regex>

namespace strata::testing_support {
namespace {

using Json = nlohmann::ordered_json;

class Checker {
 public:
  explicit Checker(const Json& root) : root_(root) {}

  std::vector<std::string> run(const Json& value) {
    check(root_, value, "$");
    return std::move(errors_);
  }

 private:
  void fail(const std::string& at, const std::string& what) { errors_.push_back(at + ": " + what); }

  bool accepts(const Json& schema, const Json& value) {
    Checker inner(root_);
    inner.check(schema, value, "");
    return inner.errors_.empty();
  }

  static bool has_type(const std::string& type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "null") return value.is_null();
    return false;
  }

  void check(const Json& schema, const Json& value, const std::string& at) {
    for (const auto& [keyword, argument] : schema.items())
      keyword_check(schema, keyword, argument, value, at);
  }

  void keyword_check(const Json& schema, const std::string& keyword, const Json& argument,
                     const Json& value, const std::string& at) {
    if (keyword == "$ref") {
      const std::string name = argument.get<std::string>().substr(std::string{"#/$defs/"}.size());
      check(root_.at("$defs").at(name), value, at);
    } else if (keyword == "type") {
      bool fits = false;
      for (const Json& type : argument.is_array() ? argument : Json::array({argument})) {
        fits = fits || has_type(type, value);
      }
      if (!fits) fail(at, "is not " + argument.dump());
    } else if (keyword == "properties") {
      if (!value.is_object()) return;
      for (const auto& [name, form] : argument.items()) {
        if (value.contains(name)) check(form, value.at(name), at + "." + name);
      }
    } else if (keyword == "required") {
      for (const Json& name : argument) {
        if (value.is_object() && !value.contains(name)) fail(at, "lacks " + name.dump());
      }
    } else if (keyword == "additionalProperties") {
      additional(schema, argument, value, at);
    } else if (keyword == "propertyNames") {
      for (const auto& item : value.items())
        check(argument, Json(item.key()), at + " key " + item.key());
    } else if (keyword == "items") {
      if (!value.is_array()) return;
      for (std::size_t i = 0; i < value.size(); ++i)
        check(argument, value[i], at + "[" + std::to_string(i) + "]");
    } else {
      value_check(keyword, argument, value, at);
    }
  }

  void additional(const Json& schema, const Json& argument, const Json& value,
                  const std::string& at) {
    if (!value.is_object()) return;
    for (const auto& [name, item] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) continue;
      if (argument.is_boolean()) {
        if (!argument.get<bool>()) fail(at, "has " + name);
      } else {
        check(argument, item, at + "." + name);
      }
    }
  }

  void value_check(const std::string& keyword, const Json& argument, const Json& value,
                   const std::string& at) {
    const auto accepted = [&](const Json& form) { return accepts(form, value); };
    if (keyword == "anyOf") {
      if (std::none_of(argument.begin(), argument.end(), accepted)) fail(at, "fits no form");
    } else if (keyword == "oneOf") {
      if (std::count_if(argument.begin(), argument.end(), accepted) != 1)
        fail(at, "fits not one form");
    } else if (keyword == "enum") {
      if (std::find(argument.begin(), argument.end(), value) == argument.end())
        fail(at, "is none of " + argument.dump());
    } else if (keyword == "const") {
      if (value != argument) fail(at, "is not " + argument.dump());
    } else if (keyword == "pattern") {
      const bool matches =
          !value.is_string() ||
          std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>()));
      if (!matches) fail(at, value.dump() + " does not match " + argument.dump());
    } else if (keyword == "minimum") {
      if (value.is_number() && value < argument) fail(at, "is less than " + argument.dump());
    } else if (keyword == "maximum") {
      if (value.is_number() && value > argument) fail(at, "is more than " + argument.dump());
    } else if (keyword == "minItems") {
      if (value.is_array() && value.size() < argument) fail(at, "is too short");
    } else if (keyword == "maxItems") {
      if (value.is_array() && value.size() > argument) fail(at, "is too long");
    } else if (keyword != "$schema" && keyword != "title" && keyword != "description" &&
               keyword != "$defs") {
      fail(at, "schema keyword " + keyword + " is not understood");
    }
  }

  const Json& root_;
  std::vector<std::string> errors_;
};

}  // namespace

std::vector<std::string> check_schema(const Json& root, const Json& value) {
  return Checker(root).run(value);
}

}  // namespace strata::testing_support
