// Shops, whose ids come from the shop's software: any text, with slashes, spaces, emoji.
#include <fmt/format.h>

#include "base/text.hpp"
#include "simulator/json_text.hpp"
#include "simulator/make.hpp"
#include "simulator/make_simple.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

/// A shop's collection with lines, variants or images below each row. The rows hold the first 50 of them themselves, as Mailchimp's do.
struct Nested {
  std::string table, part, items;  // of what is below
};

class ShopMaker {
 public:
  ShopMaker(SimpleMaker& simple, const std::string& store)
      : simple_(simple), parents_({{"store_id", json::text(store)}}), base_("/ecommerce/stores/" + chimplift::percent_encode(store)) {}

  void add(const std::string& table, const std::string& part, const std::string& parent_name, std::vector<std::string> ids, i64 below,
           const std::vector<Nested>& nested) {
    Collection collection{.table = table, .path = base_ + '/' + part, .items_key = table, .parents = parents_};
    collection.also = ",\"store_id\":" + parents_[0].second;
    for (const std::string& id : ids) {
      Given given = {{"id", json::text(id)}};
      for (const Nested& inner : nested) given.emplace_back(inner.items, add_below(inner, collection.path, parent_name, id, below));
      Row row;
      row.id = id;
      row.json = make_record(table, given, simple_.random());
      collection.rows.push_back(std::move(row));
    }
    simple_.maker().account.add(std::move(collection));
  }
  void add_codes() {
    for (const std::string rule : {"rule 1/2", "rule#3"}) {
      Parents both = parents_;
      both.emplace_back("promo_rule_id", json::text(rule));
      simple_.rows({.table = "promo_codes",
                    .path = base_ + "/promo-rules/" + chimplift::percent_encode(rule) + "/promo-codes",
                    .items = "promo_codes",
                    .parents = both,
                    .count = 3});
    }
  }

 private:
  std::string add_below(const Nested& inner, const std::string& path, const std::string& parent_name, const std::string& id, i64 count) {
    Parents both = parents_;
    both.emplace_back(parent_name, json::text(id));
    const std::string full = path + '/' + chimplift::percent_encode(id) + '/' + inner.part;
    simple_.rows({.table = inner.table, .path = full, .items = inner.items, .parents = both, .count = count});
    std::vector<std::string> first;
    for (const Row& row : simple_.maker().account.collection(full)->rows)
      if (first.size() < 50) first.push_back(row.json);
    return json::array(first);
  }

  SimpleMaker& simple_;
  Parents parents_;
  std::string base_;
};

}  // namespace

void make_shop(Maker& maker) {
  SimpleMaker simple(maker, "shop");
  const std::vector<std::string> stores = {"shop/1", "Laden #2 ü", "🛒-3"};
  simple.rows({.table = "stores",
               .path = "/ecommerce/stores",
               .items = "stores",
               .given = {{"list_id", json::text(maker.lists[0].id)}},
               .ids = stores});
  for (const std::string& store : stores) {
    ShopMaker shop(simple, store);
    const bool empty = store == stores[2];
    const auto ids = [empty](std::vector<std::string> all) { return empty ? std::vector<std::string>{} : all; };
    shop.add("customers", "customers", "customer_id", ids({"cust 1", "cust/2", "顧客3"}), 0, {});
    shop.add("carts", "carts", "cart_id", ids({"cart#1", "cart/../2"}), 2, {{"cart_lines", "lines", "lines"}});
    shop.add("orders", "orders", "order_id", ids({"#1001", "1002?x=1", "1003"}), 3, {{"order_lines", "lines", "lines"}});
    shop.add("promo_rules", "promo-rules", "promo_rule_id", ids({"rule 1/2", "rule#3"}), 0, {});
    // 60 variants: more than a product holds itself.
    shop.add("products", "products", "product_id", ids({"mug/large", "100% wool"}), 60,
             {{"product_variants", "variants", "variants"}, {"product_images", "images", "images"}});
    if (!empty) shop.add_codes();
  }
}

}  // namespace mailchimp_sim
