// What a test changes while a stand-in's threads read it.
#pragma once

#include <mutex>
#include <utility>

namespace chimplift::standins {

template <typename T>
class Setting {
 public:
  Setting& operator=(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    return *this;
  }
  [[nodiscard]] T get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  T value_ = {};
};

}  // namespace chimplift::standins
