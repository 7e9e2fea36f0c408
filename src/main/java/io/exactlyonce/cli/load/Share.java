package io.exactlyonce.cli.load;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converts a share to a number from 0 to 1: {@code 10%}, {@code 0.1} and {@code 10} are all a
 * tenth.
 */
final class Share implements ITypeConverter<Double> {
  @Override
  public Double convert(String text) {
    boolean percent = text.endsWith("%");
    double value = number(percent ? text.substring(0, text.length() - 1) : text);
    if (value == 1 && !percent) {
      throw new TypeConversionException("'" + text + "' may be 1% or 100%: write which");
    }
    double share = percent || value > 1 ? value / 100 : value;
    if (!(share >= 0 && share <= 1)) {
      throw new TypeConversionException("'" + text + "' is not from 0% to 100%");
    }
    return share;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException notANumber) {
      throw new TypeConversionException("'" + text + "' is not a share like 10% or 0.1");
    }
  }
}
