// What a simulator is made from. The same options give the same accounts, but for the port in the addresses of files.
#pragma once

#include "simulator/random.hpp"

namespace mailchimp_sim {

struct SimulatorOptions {
  u64 seed = 1;
  double scale = 1;  // members and recipients grow with it, campaigns and files with its square root
  int accounts = 1;
  int latency_ms = 0;                // added to each API answer
  int port = 0;                      // 0: any free one
  int limit = 10;                    // requests in flight an account
  i64 most_rows = 0;                 // on a page, whatever is asked for; 0: Mailchimp's 1000
  bool extra_odd = true;             // values and fields that contradict the documentation
  bool missing_image = true;         // one campaign links an image that answers 404
  bool hostile_links = false;        // one campaign links private addresses
  int hostile_port = 0;              // and with it this port of loopback; 0: none
  bool files_on_other_port = false;  // files have an origin of their own, so that a key that follows them is seen
  bool record_requests = false;      // keep the path and query of each request
};

}  // namespace mailchimp_sim
