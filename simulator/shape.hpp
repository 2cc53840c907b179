// What a record of each table looks like, field by field, and how to make one up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/json_text.hpp"
#include "simulator/random.hpp"

namespace mailchimp_sim {

struct ShapeField;

struct Shape {
  enum class Kind { text, choice, date, integer, real, boolean, any, object, array };
  Kind kind = Kind::text;
  std::vector<std::string> choices;  // of choice
  std::vector<ShapeField> fields;    // of object; of array the one item's shape, without a name
};

struct ShapeField {
  std::string name;
  Shape shape;
};

/// The shape of a table's records. Throws std::out_of_range for a table that is not known.
const Shape& shape_of(std::string_view table);

/// Values that must be just so: field name (with dots for nested ones) and JSON text. An empty text leaves the field out.
/// Names that the shape lacks are appended: real accounts have fields that no documentation has.
using Given = json::Members;

/// A record as JSON text: what is given, and plausible values of the right type for all else.
std::string make_record(const Shape& shape, const Given& given, Random& random);
std::string make_record(std::string_view table, const Given& given, Random& random);

/// The record with another value, or one more, at a field (dots for nested ones). What is made next is as it would have been without.
std::string with_value(const std::string& record, std::string_view field, const std::string& value);

/// The field shapes as JSON, one line a table; made from the official OpenAPI file (3.0.55), with the newer tables by hand.
std::string_view shape_lines();

}  // namespace mailchimp_sim
