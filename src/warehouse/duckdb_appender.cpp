#include "warehouse/duckdb_raii.hpp"

namespace chimplift::duck {
namespace {

std::string why_of(duckdb_appender appender) {
  const char* why = duckdb_appender_error(appender);
  return why == nullptr ? "rows could not be written" : why;
}

template <typename T>
void store(void* data, idx_t row, T value) {
  static_cast<T*>(data)[row] = value;
}

}  // namespace

Result<Appender> Appender::open(const Database& database, const std::string& table, std::vector<ColumnType> types) {
  duckdb_appender raw = nullptr;
  const duckdb_state state = duckdb_appender_create_ext(database.connection(), "temp", "main", table.c_str(), &raw);
  Appender appender;
  appender.database_ = &database;
  appender.types_ = std::move(types);
  appender.appender_.reset(raw);
  if (state == DuckDBError) return tl::unexpected<Error>(database.error(why_of(raw)));
  // The table's own types, JSON among them: with others DuckDB would cast, and a cast to JSON checks the text and may refuse it.
  std::vector<duckdb_logical_type> column_types;
  for (idx_t i = 0; i < duckdb_appender_column_count(raw); ++i) column_types.push_back(duckdb_appender_column_type(raw, i));
  appender.chunk_.reset(duckdb_create_data_chunk(column_types.data(), column_types.size()));
  for (duckdb_logical_type& type : column_types) duckdb_destroy_logical_type(&type);
  if (column_types.size() != appender.types_.size() + 1 || appender.chunk_ == nullptr) {
    return fail(ErrorKind::internal, "the staging table has other columns than expected");
  }
  appender.take_vectors();
  return appender;
}

void Appender::take_vectors() {
  targets_.assign(types_.size() + 1, {});
  for (idx_t i = 0; i < targets_.size(); ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk_.get(), i);
    duckdb_vector_ensure_validity_writable(vector);
    targets_[i] = {vector, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
  }
}

bool Appender::put(idx_t column, const Value& value) {
  const Target& target = targets_[column + 1];
  const ColumnType type = types_[column];
  if (std::holds_alternative<std::monostate>(value)) {
    duckdb_validity_set_row_invalid(target.validity, size_);
    return true;
  }
  const std::string* text = nullptr;
  if (const auto* plain = std::get_if<std::string>(&value)) {
    if (type != ColumnType::text) return false;
    text = plain;
  } else if (const auto* json = std::get_if<Json>(&value)) {
    if (type != ColumnType::json && type != ColumnType::text) return false;
    text = &json->text;
  }
  if (text != nullptr) {
    duckdb_vector_assign_string_element_len(target.vector, size_, text->data(), text->size());
    return true;
  }
  if (const auto* number = std::get_if<i64>(&value); number != nullptr && type == ColumnType::integer) {
    store<std::int64_t>(target.data, size_, *number);
  } else if (const auto* real = std::get_if<double>(&value); real != nullptr && type == ColumnType::number) {
    store<double>(target.data, size_, *real);
  } else if (const auto* flag = std::get_if<bool>(&value); flag != nullptr && type == ColumnType::boolean) {
    store<bool>(target.data, size_, *flag);
  } else if (const auto* time = std::get_if<Timestamp>(&value); time != nullptr && type == ColumnType::timestamp) {
    store<std::int64_t>(target.data, size_, time->micros);
  } else {
    return false;
  }
  return true;
}

Result<void> Appender::append(i64 first, const Row& row) {
  if (row.size() > types_.size()) return fail(ErrorKind::internal, "a row has more values than its table has columns");
  store<std::int64_t>(targets_[0].data, size_, first);
  static const Value kNull;
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (!put(i, i < row.size() ? row[i] : kNull)) return fail(ErrorKind::internal, "a value has another type than its column");
  }
  if (++size_ == duckdb_vector_size()) return write_chunk();
  return {};
}

Result<void> Appender::write_chunk() {
  if (size_ == 0) return {};
  duckdb_data_chunk_set_size(chunk_.get(), size_);
  if (duckdb_append_data_chunk(appender_.get(), chunk_.get()) == DuckDBError) {
    return tl::unexpected<Error>(database_->error(why_of(appender_.get())));
  }
  duckdb_data_chunk_reset(chunk_.get());
  size_ = 0;
  take_vectors();
  return {};
}

Result<void> Appender::close() {
  TRY(write_chunk());
  if (duckdb_appender_close(appender_.get()) == DuckDBError) return tl::unexpected<Error>(database_->error(why_of(appender_.get())));
  return {};
}

}  // namespace chimplift::duck
