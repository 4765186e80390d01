// SPDX-License-Identifier: MIT
// The one place where the command line calls the views.
#pragma once

#include "sim/scenario/show.h"
#include "tools/export/json.h"
#include "tools/strata/execute.h"
#include "tools/views/text.h"

namespace strata::cli {

// The view a request asks for. The mistake is a sentence for the user: no such packet, no such
// flow.
scenario::Parsed<views::Page> render(const scenario::ShowRequest& request,
                                     const Execution& execution, const views::Options& options);
// The same for programs: what the view shows, as JSON.
scenario::Parsed<exports::Json> render_json(const scenario::ShowRequest& request,
                                            const Execution& execution);

// Does a run have to be recorded for this request?
bool needs_recording(const scenario::ShowRequest& request);

}  // namespace strata::cli
