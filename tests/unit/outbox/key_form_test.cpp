#include "rows/key_form.h"

#include <gtest/gtest.h>

namespace weir::outbox {
namespace {

TEST(KeyForm, IsTheSameForKeysThatMeanTheSame) {
  for (const char* key : {"7", "07", "007", "7.0", "7.00", "7.", " 7", "7 ", "\t7\r\n"})
    EXPECT_EQ(form_of_key(key), "7") << key;
  for (const char* key : {"AB-1", "ab-1", " Ab-1 "}) EXPECT_EQ(form_of_key(key), "ab-1") << key;
  for (const char* key : {"0", "00", "0.0"}) EXPECT_EQ(form_of_key(key), "0") << key;
}

TEST(KeyForm, TellsApartWhatMeansSomethingElse) {
  for (const char* key : {"70", "7.5", "7-0", "7e0", "-7", "7 0", "07a", ".7", "ä"})
    EXPECT_NE(form_of_key(key), "7") << key;
  EXPECT_EQ(form_of_key("   "), "");
  EXPECT_EQ(form_of_key("7.10"), "7.10");
}

}  // namespace
}  // namespace weir::outbox
