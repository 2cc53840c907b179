// The bodies of campaigns, with image links in every way in which real e-mails write them.
#include <fmt/format.h>

#include "simulator/json_text.hpp"
#include "simulator/make.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

std::string escape_ampersands(std::string url) {
  for (std::size_t at = url.find('&'); at != std::string::npos; at = url.find('&', at + 5)) url.replace(at, 1, "&amp;");
  return url;
}

/// The address of one of the account's linked images, as HTML writes it. The first one stands in every campaign.
std::string image(const Maker& maker, std::size_t at) { return escape_ampersands(maker.images[at % maker.images.size()]); }

std::string html_body(const Maker& maker, std::size_t at, const CampaignPlan& campaign, Random& random) {
  std::string html =
      "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" + escape_ampersands(campaign.subject) + "</title>\n<style>\n";
  if (at % 3 == 0) html += fmt::format(".hero {{ background-image: url(\"{}\"); }}\n", maker.images[(at + 1) % maker.images.size()]);
  html += "p { color: #333 }\n</style></head>\n<body>\n";
  html += fmt::format("<img src=\"{}\" alt=\"logo\" width=120>\n", image(maker, 0));
  switch (at % 6) {
    case 0:
      html += fmt::format("<IMG SRC='{}'>\n", image(maker, at + 3));
      break;
    case 1:
      html += fmt::format("<img alt=x src={} >\n", image(maker, 4));
      break;
    case 2:
      html += fmt::format("<table><tr><td background=\"{}\">cell</td></tr></table>\n", image(maker, at + 2));
      break;
    case 3:
      html += fmt::format("<div style=\"padding:0; background:url('{}') no-repeat\">hero</div>\n", image(maker, at + 5));
      break;
    case 4:
      html += fmt::format("<img srcset=\"{} 1x, {} 2x\" src=\"{}\">\n", image(maker, 5), image(maker, 6), image(maker, 5));
      break;
    default:
      html += fmt::format("<img\n  src = \"{}\"\n/>\n", image(maker, 3));
      break;
  }
  if (at == 0) {
    html += "<img src=\"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==\">\n";
    html += "<img src=\"*|IMAGE:LOGO|*\"><a href=\"mailto:hello@example.com?subject=Hi\">write</a><img src=\"\">\n";
  }
  if (at == 1 && maker.options.missing_image) html += fmt::format("<img src=\"{}/linked/missing.png\">\n", maker.files_base);
  if (at == 2 && maker.options.hostile_links)
    html +=
        "<img src=\"http://10.0.0.1/admin.png\"><img src=\"http://169.254.169.254/latest/meta-data/\"><img "
        "src=\"http://localhost/x.png\">\n";
  if (at == 2 && maker.options.hostile_links && maker.options.hostile_port != 0)
    html += fmt::format("<img src=\"http://127.0.0.1:{}/canary.png\">\n", maker.options.hostile_port);
  for (i64 i = random.between(2, 12); i > 0; --i) html += "<p>" + escape_ampersands(words::phrase(random, 12)) + "</p>\n";
  html += "<a href=\"https://shop.example.com/?a=1&amp;b=2\">Shop</a> <a href=\"*|UNSUB|*\">unsubscribe</a>\n</body></html>\n";
  return html;
}

}  // namespace

void make_campaign_content(Maker& maker, const CampaignPlan& campaign, std::size_t at) {
  Random random = maker.random("content of " + campaign.id);
  const std::string plain = "** " + campaign.subject + "\n" + std::string(60, '-') + "\n" + words::phrase(random, 20) + "\n*|UNSUB|*\n";
  const bool text_only = campaign.type == "plaintext";
  const std::string html = text_only ? "" : html_body(maker, at, campaign, random);
  std::string variants;
  if (campaign.type == "variate")
    variants = json::array(
        {json::object({{"content_label", json::text("Version A")}, {"plain_text", json::text(plain)}, {"html", json::text(html)}}),
         json::object({{"content_label", json::text("Version B 🅱")},
                       {"plain_text", json::text(plain + "B")},
                       {"html", json::text(html_body(maker, at + 1, campaign, random))}})});
  // A draft without a design has neither body; a plain-text campaign has no html member at all.
  const bool blank = campaign.status == "save";
  maker.account.add(Single{"campaign_content",
                           "/campaigns/" + campaign.id + "/content",
                           {{"campaign_id", json::text(campaign.id)}},
                           json::object({{"variate_contents", variants},
                                         {"plain_text", json::text(blank ? "" : plain)},
                                         {"html", text_only ? "" : json::text(blank ? "" : html)},
                                         {"archive_html", text_only || blank ? "" : json::text("<!-- archive -->" + html)}})});
}

}  // namespace mailchimp_sim
