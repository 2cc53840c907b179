#include "warehouse/duckdb_stage.hpp"

#include "warehouse/duckdb_sql.hpp"

namespace chimplift::duck {

Result<Stage> Stage::create(const Database& database, std::string name, std::vector<Column> columns) {
  TRY(database.run(create_stage(name, columns)));
  Stage stage;
  stage.database_ = &database;
  stage.name_ = std::move(name);
  stage.columns_ = std::move(columns);
  return stage;
}

Result<void> Stage::extend(std::span<const Column> columns) {
  if (columns.size() <= columns_.size()) return {};
  TRY(flush());  // an appender does not notice that its table changes
  for (const Column& column : columns.subspan(columns_.size())) {
    TRY(database_->run(add_column("temp." + quote(name_), column)));
    columns_.push_back(column);
  }
  return {};
}

Result<void> Stage::append(const Row& row) {
  if (!appender_) {
    std::vector<ColumnType> types;
    for (const Column& column : columns_) types.push_back(column.type);
    TRY_ASSIGN(appender_, Appender::open(*database_, name_, std::move(types)));
  }
  return appender_->append(sequence_++, row);
}

Result<void> Stage::flush() {
  if (!appender_) return {};
  Result<void> closed = appender_->close();
  appender_.reset();
  return closed;
}

Result<void> Stage::drop() {
  appender_.reset();
  return database_->run("DROP TABLE IF EXISTS temp." + quote(name_));
}

}  // namespace chimplift::duck
