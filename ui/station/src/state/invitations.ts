/** "Please show your health code or your document", in the languages of guests. */
export const INVITATIONS: readonly { lang: string; text: string }[] = [
  { lang: "en", text: "Please show your health code or your ID" },
  { lang: "zh-Hant", text: "請出示健康碼或證件" },
  { lang: "ja", text: "健康コードまたは身分証をご提示ください" },
  { lang: "ko", text: "건강 코드 또는 신분증을 제시해 주세요" },
  { lang: "fr", text: "Veuillez présenter votre code de santé ou une pièce d’identité" },
  { lang: "es", text: "Muestre su código de salud o su documento, por favor" },
  { lang: "ru", text: "Покажите, пожалуйста, код здоровья или документ" },
  { lang: "vi", text: "Vui lòng xuất trình mã sức khỏe hoặc giấy tờ tùy thân" },
  { lang: "id", text: "Mohon tunjukkan kode kesehatan atau kartu identitas Anda" },
];
