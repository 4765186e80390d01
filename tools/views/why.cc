// SPDX-License-Identifier: MIT
#include "tools/views/why.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/analysis/causes.h"
#include "tools/views/sentence.h"

namespace strata::views {
namespace {

using analysis::CauseRelation;
using analysis::CauseStep;
using trace::Recording;

// The word in front of a sentence.
std::string_view word_of(CauseRelation relation) {
  switch (relation) {
    case CauseRelation::subject:
      return "";
    case CauseRelation::because:
      return "because";
    case CauseRelation::duplicate:
      return "after";
    case CauseRelation::set:
      return "it was";
    case CauseRelation::written:
      return "its first octet:";
    case CauseRelation::call:
      return "by";
    case CauseRelation::original:
      return "repeats";
    case CauseRelation::damaged:
    case CauseRelation::delayed:
    case CauseRelation::copied:
    case CauseRelation::dropped:
    case CauseRelation::arrived:
      return "then";
    case CauseRelation::noticed:
      return "noticed:";
    case CauseRelation::effect:
      return "effect:";
  }
  return "";
}

// Effects of one kind that come in numbers: every ACK of a long run of data.
constexpr std::size_t kSiblingsMost = 12;

class Tree {
 public:
  Tree(const Recording& recording, const Options& options)
      : recording_(recording), options_(options), narrator_(recording) {}

  Page draw(const CauseStep& root) {
    const Sentence sentence = tell(root);
    for (const std::string& line : wrap(sentence.text, options_.width)) {
      page_.line(line, sentence.role == Role::plain ? Role::heading : sentence.role);
    }
    children(root, "");
    if (root.children.empty()) {
      page_.line(" └ nothing in this run tells why, or what came of it", Role::dim);
    }
    return std::move(page_);
  }

 private:
  // With the time in front.
  Sentence tell(const CauseStep& step) {
    Sentence sentence = narrator_.tell(step.event);
    sentence.text =
        fmt::format("{}  {}", to_text(recording_.event(step.event).time), sentence.text);
    return sentence;
  }

  void children(const CauseStep& of, const std::string& indent) {
    std::size_t of_kind = 0;
    for (std::size_t i = 0; i < of.children.size(); ++i) {
      const CauseStep& child = of.children[i];
      const bool is_same = i > 0 && of.children[i - 1].relation == child.relation;
      of_kind = is_same ? of_kind + 1 : 0;
      if (of_kind == kSiblingsMost) {
        const auto end =
            std::find_if(of.children.begin() + static_cast<std::ptrdiff_t>(i), of.children.end(),
                         [&](const CauseStep& other) { return other.relation != child.relation; });
        const auto left = static_cast<std::size_t>(end - of.children.begin()) - i;
        page_.line(fmt::format("{} {} ⋮ {} more like these", indent,
                               end == of.children.end() ? "└" : "├", left),
                   Role::dim);
        i += left - 1;
        continue;
      }
      step(child, indent, i + 1 == of.children.size());
    }
  }

  void step(const CauseStep& step, const std::string& indent, bool is_last) {
    const Sentence sentence = tell(step);
    const std::string_view word = word_of(step.relation);
    const std::string head = fmt::format("{} {} ", indent, is_last ? "└" : "├");
    const std::string rest = fmt::format("{} {} ", indent, is_last ? " " : "│");
    const std::size_t used = columns(head) + columns(word) + 1;
    const std::size_t room = options_.width > used + 20 ? options_.width - used : 20;
    bool is_first = true;
    for (const std::string& line : wrap(sentence.text, room)) {
      Text text(is_first ? head : rest, Role::dim);
      text.add(is_first ? std::string{word} : std::string(columns(word), ' '), Role::heading);
      text.add(" ").add(line, sentence.role);
      page_.line(std::move(text));
      is_first = false;
    }
    children(step, rest.substr(0, rest.size() - 1));
  }

  const Recording& recording_;
  const Options& options_;
  Narrator narrator_;
  Page page_;
};

}  // namespace

Page why(const Recording& recording, PacketUid uid, const Options& options) {
  const auto causes = analysis::causes_of(recording, uid);
  if (!causes) {
    Page page;
    page.line(fmt::format("nothing is known about packet #{}", raw(uid)), Role::bad);
    return page;
  }
  return Tree(recording, options).draw(*causes);
}

}  // namespace strata::views
