// The catalogue: ecommerce.
#include "mailchimp/catalogue.hpp"

namespace chimplift {

std::span<const Stream> shop_streams() {
  static const std::vector<Stream> streams = {
      {.table = "stores",
       .step = "ecommerce",
       .path = "/ecommerce/stores",
       .items = "stores",
       .key = "id",
       .paging = Paging::offset,
       .columns = "id:text list_id:text name:text platform:text domain:text is_syncing:boolean email_address:text "
                  "currency_code:text money_format:text primary_locale:text timezone:text phone:text address:json "
                  "connected_site:json automations:json list_is_active:boolean created_at:timestamp "
                  "updated_at:timestamp",
       .about = "Online shops."},
      {.table = "carts",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/carts",
       .items = "carts",
       .key = "store_id id",
       .paging = Paging::offset,
       .columns = "id:text customer:json campaign_id:text checkout_url:text currency_code:text order_total:number "
                  "tax_total:number lines:json created_at:timestamp updated_at:timestamp",
       .about = "Abandoned carts.",
       .parent = "stores",
       .parent_field = "id",
       .personal_data = true},
      {.table = "cart_lines",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/carts/{cart_id}/lines",
       .items = "lines",
       .key = "store_id cart_id id",
       .paging = Paging::offset,
       .columns = "id:text product_id:text product_title:text product_variant_id:text product_variant_title:text "
                  "quantity:integer price:number",
       .about = "What is in each cart.",
       .parent = "carts",
       .parent_field = "id",
       .embedded = "lines"},
      {.table = "customers",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/customers",
       .items = "customers",
       .key = "store_id id",
       .paging = Paging::offset,
       .columns = "id:text email_address:text opt_in_status:boolean company:text first_name:text last_name:text "
                  "orders_count:integer total_spent:number address:json created_at:timestamp updated_at:timestamp",
       .about = "Customers of each shop.",
       .parent = "stores",
       .parent_field = "id",
       .personal_data = true},
      {.table = "promo_rules",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/promo-rules",
       .items = "promo_rules",
       .key = "store_id id",
       .paging = Paging::offset,
       .columns = "id:text title:text description:text starts_at:timestamp ends_at:text amount:number type:text "
                  "target:text enabled:boolean created_at_foreign:timestamp updated_at_foreign:timestamp",
       .about = "Rules of discounts.",
       .parent = "stores",
       .parent_field = "id"},
      {.table = "promo_codes",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/promo-rules/{promo_rule_id}/promo-codes",
       .items = "promo_codes",
       .key = "store_id promo_rule_id id",
       .paging = Paging::offset,
       .columns = "id:text code:text redemption_url:text usage_count:integer enabled:boolean "
                  "created_at_foreign:timestamp updated_at_foreign:timestamp",
       .about = "Codes of each rule.",
       .parent = "promo_rules",
       .parent_field = "id"},
      {.table = "orders",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/orders",
       .items = "orders",
       .key = "store_id id",
       .paging = Paging::offset,
       .columns = "id:text customer:json store_id:text campaign_id:text landing_site:text financial_status:text "
                  "fulfillment_status:text currency_code:text order_total:number order_url:text discount_total:number "
                  "tax_total:number shipping_total:number tracking_code:text processed_at_foreign:timestamp "
                  "cancelled_at_foreign:timestamp updated_at_foreign:timestamp shipping_address:json "
                  "billing_address:json promos:json lines:json outreach:json tracking_number:text tracking_carrier:text "
                  "tracking_url:text",
       .about = "Orders of each shop.",
       .parent = "stores",
       .parent_field = "id",
       .personal_data = true},
      {.table = "order_lines",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/orders/{order_id}/lines",
       .items = "lines",
       .key = "store_id order_id id",
       .paging = Paging::offset,
       .columns = "id:text product_id:text product_title:text product_variant_id:text product_variant_title:text "
                  "image_url:text quantity:integer price:number discount:number",
       .about = "What was ordered.",
       .parent = "orders",
       .parent_field = "id",
       .embedded = "lines"},
      {.table = "products",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/products",
       .items = "products",
       .key = "store_id id",
       .paging = Paging::offset,
       .columns = "id:text currency_code:text title:text handle:text url:text description:text type:text vendor:text "
                  "image_url:text variants:json images:json published_at_foreign:timestamp",
       .about = "Products of each shop.",
       .parent = "stores",
       .parent_field = "id"},
      {.table = "product_variants",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/products/{product_id}/variants",
       .items = "variants",
       .key = "store_id product_id id",
       .paging = Paging::offset,
       .columns = "id:text title:text url:text sku:text price:number inventory_quantity:integer image_url:text "
                  "backorders:text visibility:text created_at:timestamp updated_at:timestamp",
       .about = "Variants of each product.",
       .parent = "products",
       .parent_field = "id",
       .embedded = "variants"},
      {.table = "product_images",
       .step = "ecommerce",
       .path = "/ecommerce/stores/{store_id}/products/{product_id}/images",
       .items = "images",
       .key = "store_id product_id id",
       .paging = Paging::offset,
       .columns = "id:text url:text variant_ids:json",
       .about = "Images of each product.",
       .parent = "products",
       .parent_field = "id",
       .embedded = "images"},
  };
  return streams;
}

}  // namespace chimplift
