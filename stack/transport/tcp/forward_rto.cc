// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/forward_rto.h"

namespace strata::tcp {

ForwardRto::Verdict ForwardRto::on_ack(const AckEvent& ack, std::uint64_t una,
                                       std::uint64_t sacked_end, bool uses_sack) {
  if (step_ == Step::off) return Verdict::none;
  const bool is_duplicate = ack.newly_acked == 0 && (ack.is_duplicate || ack.newly_sacked > 0);
  if (ack.newly_acked == 0 && !is_duplicate) return Verdict::none;
  if (step_ == Step::first_ack) {
    if (is_duplicate) return uses_sack ? Verdict::none : give_up();  // RFC 5682 3.1 step 2; 2.1 2a
    if (una >= recover_ || una < repeated_end_) return give_up();    // step 2a
    step_ = Step::second_ack;                                        // step 2b
    return Verdict::none;
  }
  // Step 3a: beyond what had been sent before the time-out, or a duplicate without news.
  if (una > recover_ || sacked_end > recover_) return give_up();
  if (ack.newly_acked == 0 && (!uses_sack || ack.newly_sacked == 0)) return give_up();
  stop();  // step 3b
  return Verdict::spurious;
}

}  // namespace strata::tcp
