#include "text/shortened.h"

namespace weir::text {
namespace {

bool continues_a_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string shortened(std::string text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && continues_a_letter(text[end])) --end;
  // Four bytes are the longest letter: more of the kind are no UTF-8, and any place is as good.
  if (most_bytes - end > 3) end = most_bytes;
  text.resize(end);
  return text;
}

}  // namespace weir::text
