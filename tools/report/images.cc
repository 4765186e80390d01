// SPDX-License-Identifier: MIT
#include "tools/report/images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace strata::report {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t status_number(wire::FieldStatus status) {
  switch (status) {
    case wire::FieldStatus::plain:
      return 0;
    case wire::FieldStatus::good:
      return 1;
    case wire::FieldStatus::bad:
      return 2;
  }
  return 0;
}

std::string template_json(const wire::Dissection& dissection) {
  Json layers = Json::array();
  for (const wire::DissectedLayer& layer : dissection.layers) {
    Json fields = Json::array();
    for (const wire::DissectedField& field : layer.fields) {
      fields.push_back({std::string{field.name}, std::string{field.abbreviation},
                        std::string{field.section}, field.bit_offset, field.bit_width});
    }
    layers.push_back({{"protocol", std::string{to_text(layer.protocol)}},
                      {"offset", layer.offset},
                      {"header", layer.header_bytes},
                      {"total", layer.total_bytes},
                      {"fields", std::move(fields)}});
  }
  return layers.dump();
}

}  // namespace

std::int64_t Images::find(Bytes octets) const {
  const auto found = images_.find(as_text(octets));
  return found == images_.end() ? kNone : found->second;
}

std::int64_t Images::add(Bytes octets, const wire::Dissection& dissection) {
  const auto image = static_cast<std::int64_t>(table_.count());
  images_.emplace(as_text(octets), image);
  table_.add({number(std::uint64_t{octets_.size()}), number(std::uint64_t{octets.size()}),
              template_of(dissection), number(std::uint64_t{cells_.size()})});
  octets_ += as_text(octets);
  for (const wire::DissectedLayer& layer : dissection.layers) {
    cells_.push_back(strings_.id(layer.summary));
    cells_.push_back(strings_.id(layer.problem));
    for (const wire::DissectedField& field : layer.fields) cells_.push_back(field_value(field));
  }
  return image;
}

std::int64_t Images::template_of(const wire::Dissection& dissection) {
  std::string shape;  // what makes two templates the same, quick to compare
  const auto out = std::back_inserter(shape);
  for (const wire::DissectedLayer& layer : dissection.layers) {
    fmt::format_to(out, "{} {} {} {}|", to_text(layer.protocol), layer.offset, layer.header_bytes,
                   layer.total_bytes);
    for (const wire::DissectedField& field : layer.fields) {
      fmt::format_to(out, "{} {} {}|", field.name, field.bit_offset, field.bit_width);
    }
  }
  const auto [found, is_new] =
      templates_.try_emplace(std::move(shape), static_cast<std::int64_t>(templates_.size()));
  if (is_new) template_order_.push_back(template_json(dissection));
  return found->second;
}

std::int64_t Images::field_value(const wire::DissectedField& field) {
  const std::tuple key{strings_.id(field.value), strings_.id(field.note),
                       status_number(field.status)};
  const auto [found, is_new] =
      values_.try_emplace(key, static_cast<std::int64_t>(value_order_.size()));
  if (is_new) {
    value_order_.push_back(
        fmt::format("[{},{},{}]", std::get<0>(key), std::get<1>(key), std::get<2>(key)));
  }
  return found->second;
}

std::string Images::templates_json() const {
  return fmt::format("[{}]", fmt::join(template_order_, ","));
}
std::string Images::cells_json() const { return fmt::format("[{}]", fmt::join(cells_, ",")); }
std::string Images::field_values_json() const {
  return fmt::format("[{}]", fmt::join(value_order_, ","));
}

}  // namespace strata::report
