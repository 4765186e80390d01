// SPDX-License-Identifier: MIT
// F-RTO (RFC 5682): after a time-out only the first segment is sent again, then new data. If the
// next ACK moves on over what was never sent again, nothing had been lost: the time-out was
// spurious.
#pragma once

#include <cstdint>

#include "stack/transport/tcp/ack_event.h"

namespace strata::tcp {

class ForwardRto {
 public:
  enum class Verdict : std::uint8_t { none, conventional, spurious };

  // Step 1: the timer expired; `repeated_end` is the end of the segment sent again, `recover`
  // SND.NXT.
  void start(std::uint64_t repeated_end, std::uint64_t recover) {
    step_ = Step::first_ack;
    repeated_end_ = repeated_end;
    recover_ = recover;
    sent_new_ = false;
  }
  void stop() { step_ = Step::off; }
  bool is_active() const { return step_ != Step::off; }
  // Step 2b: new data go out instead of retransmissions.
  bool prefers_new_data() const { return step_ == Step::second_ack; }
  void on_new_data_sent() { sent_new_ |= step_ == Step::second_ack; }
  // Step 2b: without any new data there is nothing to tell by; the conventional repair goes on.
  void on_no_new_data() {
    if (!sent_new_) stop();
  }

  // Steps 2 and 3. `una` is SND.UNA after the ACK, `sacked_end` the end of the highest block it
  // reports (0 without SACK), `uses_sack`: the SACK-enhanced version of section 3.
  Verdict on_ack(const AckEvent& ack, std::uint64_t una, std::uint64_t sacked_end, bool uses_sack);

 private:
  enum class Step : std::uint8_t { off, first_ack, second_ack };
  Verdict give_up() {
    stop();
    return Verdict::conventional;
  }

  Step step_ = Step::off;
  bool sent_new_ = false;
  std::uint64_t repeated_end_ = 0;
  std::uint64_t recover_ = 0;  // RecoveryPoint
};

}  // namespace strata::tcp
